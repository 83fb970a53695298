/** Version of everything on the wire. Both sides must speak the same one; see docs/PROTOCOL.md. */
export const protocolVersion = 1;
