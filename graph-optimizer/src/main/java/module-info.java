/** The graph of a model, its text form, and the rules and passes that rewrite it. */
module dev.tenon.graph {
    requires transitive dev.tenon.ops;

    exports dev.tenon.graph;
    exports dev.tenon.graph.control;
    exports dev.tenon.graph.interpret;
    exports dev.tenon.graph.pass;
    exports dev.tenon.graph.rewrite;
    exports dev.tenon.graph.rules;
}
