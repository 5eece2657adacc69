package dev.tenon.formats;

import dev.tenon.graph.Graph;

/**
 * What a reader makes of a file and a writer writes: a typed graph in canonical operators, and what the file says about
 * itself.
 *
 * @param graph the graph; its constants may lie in the mapped file
 * @param metadata what the file says about itself
 */
public record ModelFile(Graph graph, ModelMetadata metadata) {}
