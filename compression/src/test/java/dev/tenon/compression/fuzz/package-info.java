/**
 * The fuzzer of recipes, of files that a run keeps for later runs, and of archives of arrays. Its machinery is that of
 * {@code dev.tenon.testkit.fuzz}, which it shares with the fuzzer of models in {@code inference-core}.
 *
 * <p>{@code Inputs} has the files that campaigns begin with, and the model that they are used for. {@code Oracles} say what is done with
 * a file. {@code FuzzTest} runs short campaigns in each build, {@code FuzzCampaignTest} long ones. A file that a campaign found is
 * kept below {@code resources/fuzz}, and {@code FuzzFindingsTest} replays all of these.
 *
 * <p>Must not live here: tests of single faults, which belong beside the code. To add a kind of file: its seeds, an oracle, and a
 * line in {@code FuzzTest}, {@code FuzzCampaignTest} and {@code FuzzFindingsTest}.
 */
package dev.tenon.compression.fuzz;
