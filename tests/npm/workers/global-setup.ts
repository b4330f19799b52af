import { createGlobalSetup } from "mock-capgo/vitest";

const admin = { id: 1, name: "Admin", mode: "all" as const, key: "ak_admin" };

export default createGlobalSetup({ fixtures: { keys: [admin] } });
