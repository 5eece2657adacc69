package dev.tenon.formats;

import dev.tenon.graph.Graph;

/**
 * The content of a model file: a typed graph in canonical operators, and metadata.
 *
 * @param graph the graph. Its constants may be views of the mapped file
 * @param metadata the metadata
 * @param optionalInputs the inputs that are constants of the graph unless a caller gives them. A writer writes them as
 *     constants
 * @param preparation the changes that a session made to the graph, or null if no session prepared it
 */
public record ModelFile(Graph graph, ModelMetadata metadata, OptionalInputs optionalInputs, Preparation preparation) {
    /**
     * A model that no session has prepared.
     *
     * @param graph the graph
     * @param metadata the metadata
     * @param optionalInputs the inputs that are constants of the graph unless a caller gives them
     */
    public ModelFile(Graph graph, ModelMetadata metadata, OptionalInputs optionalInputs) {
        this(graph, metadata, optionalInputs, null);
    }

    /**
     * A model without optional inputs.
     *
     * @param graph the graph
     * @param metadata the metadata
     */
    public ModelFile(Graph graph, ModelMetadata metadata) {
        this(graph, metadata, OptionalInputs.NONE);
    }
}
