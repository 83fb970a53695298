// Joins two CSV files: how many flights leave each US state, and how far its busiest airport's flights go on average.

import { datasets, defineJob } from "fnmesh";
import { milesBetween } from "./distance.ts";

const airportColumns = {
  iata: "string",
  name: "string",
  city: "string",
  state: "string",
  country: "string",
  latitude: "number",
  longitude: "number",
} as const;
const flightColumns = { origin: "string", destination: "string", count: "int" } as const;

interface Sums {
  readonly flights: number;
  readonly miles: number;
}

const added = (left: Sums, right: Sums): Sums => ({
  flights: left.flights + right.flights,
  miles: left.miles + right.miles,
});

export default defineJob({
  name: "csv-join",
  async run(worker) {
    const data = datasets(worker);
    const airports = data
      .csv({ files: "airports*.csv", columns: airportColumns })
      .keyBy(({ iata }) => iata)
      .cache();
    const flights = data.csv({ files: "flights*.csv", columns: flightColumns });

    const states = await flights
      .keyBy(({ origin }) => origin)
      .join(airports)
      .map(([, [flight, from]]) => [flight.destination, { from, count: flight.count }] as const)
      .join(airports)
      .map(([, [{ from, count }, to]]): [string, Sums] => [
        from.state,
        { flights: count, miles: count * milesBetween(from, to) },
      ])
      .reduceByKey(added)
      .sortBy(([state, { flights }]) => [-flights, state])
      .cache();
    await states
      .map(([state, { flights, miles }]) => ({ state, flights, averageMiles: Math.round(miles / flights) }))
      .saveAsCsv(["state", "flights", "averageMiles"]);

    const nowhere = await flights
      .keyBy(({ destination }) => destination)
      .leftJoin(airports)
      .filter(([, [, airport]]) => airport === undefined)
      .count();
    return {
      states: await states.count(),
      flightsToNowhere: nowhere,
      busiest: (await states.take(1))[0]?.[0],
    };
  },
});
