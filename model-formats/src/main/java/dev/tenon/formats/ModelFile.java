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
 * @param original writes the format that the model was read from, as long as its graph is what that format can say; null if
 *     that is not possible
 */
public record ModelFile(
        Graph graph,
        ModelMetadata metadata,
        OptionalInputs optionalInputs,
        Preparation preparation,
        ModelWriter original) {
    /**
     * A model that is not written in the format that it was read from.
     *
     * @param graph the graph
     * @param metadata the metadata
     * @param optionalInputs the inputs that are constants of the graph unless a caller gives them
     * @param preparation the changes that a session made to the graph, or null if no session prepared it
     */
    public ModelFile(Graph graph, ModelMetadata metadata, OptionalInputs optionalInputs, Preparation preparation) {
        this(graph, metadata, optionalInputs, preparation, null);
    }

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
