package dev.tenon.formats;

import dev.tenon.graph.Graph;

/**
 * What a reader makes of a file and a writer writes: a typed graph in canonical operators, and what the file says about
 * itself.
 *
 * @param graph the graph; its constants may lie in the mapped file
 * @param metadata what the file says about itself
 * @param optionalInputs the inputs that are constants of the graph unless a caller gives them; a writer leaves them
 *     constants
 * @param preparation what a session did to the graph before it was written, or null if it is as it was read
 */
public record ModelFile(Graph graph, ModelMetadata metadata, OptionalInputs optionalInputs, Preparation preparation) {
    /**
     * A model that no session has prepared.
     *
     * @param graph the graph
     * @param metadata what the file says about itself
     * @param optionalInputs the inputs that are constants of the graph unless a caller gives them
     */
    public ModelFile(Graph graph, ModelMetadata metadata, OptionalInputs optionalInputs) {
        this(graph, metadata, optionalInputs, null);
    }

    /**
     * A model without optional inputs.
     *
     * @param graph the graph
     * @param metadata what the file says about itself
     */
    public ModelFile(Graph graph, ModelMetadata metadata) {
        this(graph, metadata, OptionalInputs.NONE);
    }
}
