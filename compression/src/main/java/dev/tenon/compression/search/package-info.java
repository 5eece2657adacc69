/**
 * Finds which technique goes where: how much each technique hurts each layer, a plan of techniques by layers, and the plan's
 * real loss. {@link dev.tenon.compression.search.Search} is the entry.
 *
 * <p>Must not live here: techniques. A search takes them as functions of the layers that they may change.
 *
 * <p>To add an objective: a constant of {@link dev.tenon.compression.search.Objective}, and its value in {@code Ranking}.
 */
package dev.tenon.compression.search;
