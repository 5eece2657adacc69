/**
 * The rules of the house as tests: which package may see which, names, documentation of packages, and the public API.
 *
 * <p>What lives here: what concerns every library module at once. What must not: tests of one module, which lie beside
 * it. They stand in this module because it is the last library, from which all the others are visible. A new rule is a
 * test method.
 */
package dev.tenon.house;
