import { runJob } from "fnmesh/testing";
import { expect, test } from "vitest";
import { milesBetween } from "./distance.ts";
import job from "./job.ts";

test("the way from London to New York", () => {
  const london = { latitude: 51.4775, longitude: -0.461389 };
  const newYork = { latitude: 40.639722, longitude: -73.778889 };
  expect(milesBetween(london, newYork)).toBeCloseTo(3_442, -1);
  expect(milesBetween(newYork, newYork)).toBe(0);
});

test("joins a few flights, one of them to nowhere", async () => {
  const airports =
    'iata,name,city,state,country,latitude,longitude\nAAA,"A, the first",A,ST,USA,0,0\nBBB,B,B,TS,USA,0,1\n';
  const flights = "origin,destination,count\nAAA,BBB,3\nBBB,AAA,2\nAAA,AAA,1\nAAA,XXX,9\n";
  const input = [
    { name: "airports.csv", content: airports },
    { name: "flights.csv", content: flights },
  ];
  const { result, output } = await runJob(job, { workers: 3, input });
  expect(output.toString()).toBe("state,flights,averageMiles\nST,4,52\nTS,2,69\n");
  expect(result).toEqual({ states: 2, flightsToNowhere: 1, busiest: "ST" });
});
