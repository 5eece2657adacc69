package dev.tenon.formats.onnx.writing;

/** Changes a node to the form that its operator has in an older operator set. */
@FunctionalInterface
interface Downgrade {
    /**
     * Changes a node.
     *
     * @param draft the node
     * @throws dev.tenon.formats.UnsupportedModelException if the older operator can't express it
     */
    void apply(NodeDraft draft);
}
