package dev.tenon.benchmarks.networks;

import dev.tenon.graph.Graph;

/** A network as a record of its sizes. */
interface Network {
    /**
     * Makes the network.
     *
     * @param layers has no input and no layer yet, and draws the weights
     * @return the graph, which depends on the sizes and the drawn numbers only
     */
    Graph graph(Layers layers);

    /** The operator set of its file, one that exporters write it with. */
    default int operatorSet() {
        return 17;
    }
}
