// The way between two places on the earth's surface.

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const earthRadiusMiles = 3_958.8;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Along a great circle, by the haversine formula; places in degrees. */
export function milesBetween(one: Place, other: Place): number {
  const latitude = radians(other.latitude - one.latitude) / 2;
  const longitude = radians(other.longitude - one.longitude) / 2;
  const chord =
    Math.sin(latitude) ** 2 +
    Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude)) * Math.sin(longitude) ** 2;
  return 2 * earthRadiusMiles * Math.asin(Math.sqrt(chord));
}
