/** The graph of a model, its text form, the rules and passes that rewrite it, and its gradients. */
// The module that gradients are exported to is built after this one.
@SuppressWarnings("module")
module dev.tenon.graph {
    requires transitive dev.tenon.ops;

    exports dev.tenon.graph;
    exports dev.tenon.graph.control;
    exports dev.tenon.graph.gradient to
            dev.tenon.compression;
    exports dev.tenon.graph.interpret;
    exports dev.tenon.graph.pass;
    exports dev.tenon.graph.rewrite;
    exports dev.tenon.graph.rules;
}
