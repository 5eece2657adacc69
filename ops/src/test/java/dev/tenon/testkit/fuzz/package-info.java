/**
 * The machinery of the fuzzers, which the tests of several modules share: files are changed again and again, and each is judged.
 *
 * <p>A {@link dev.tenon.testkit.fuzz.Mutation} changes files of one format. {@link dev.tenon.testkit.fuzz.Trial} does what a file
 * asks for, twice, and says how it ended. {@link dev.tenon.testkit.fuzz.Campaign} does this again and again, keeps files that end
 * in a new way as further seeds, and counts how files end.
 *
 * <p>Must not live here: what knows a reader, which belongs to the tests of its module. To add a mutation that several modules
 * use: a class that implements {@code Mutation} and knows nothing but bytes and texts.
 */
package dev.tenon.testkit.fuzz;
