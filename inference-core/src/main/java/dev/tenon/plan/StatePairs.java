package dev.tenon.plan;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.shape.Identity;
import java.util.ArrayList;
import java.util.List;

/**
 * The states of a graph: each is an input and an output that have one memory, which the caller gives. A call reads the
 * input and leaves the output there. Immutable.
 */
public final class StatePairs {
    /** No states. */
    public static final StatePairs NONE = new StatePairs(new int[0], new int[0], List.of());

    private final int[] inputs;
    private final int[] outputs;
    private final List<Node> copies;

    private StatePairs(int[] inputs, int[] outputs, List<Node> copies) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.copies = copies;
    }

    /**
     * The states of a graph.
     *
     * @param graph the graph
     * @param inputs the index of the input of each state, each once
     * @param outputs the index of the output of each state, each once
     * @return the states
     */
    public static StatePairs of(Graph graph, int[] inputs, int[] outputs) {
        if (inputs.length == 0) {
            return NONE;
        }
        GraphBuilder builder = new GraphBuilder(graph.name());
        List<Node> copies = new ArrayList<>();
        for (int i = 0; i < graph.outputs().size(); i++) {
            String name = graph.outputNames().get(i);
            Value source = builder.input(name, graph.outputs().get(i).type());
            List<Value> copy =
                    builder.add(new Identity(), name + " copied", List.of(source), List.of(name + " copied"));
            copies.add(copy.getFirst().producer());
        }
        return new StatePairs(inputs.clone(), outputs.clone(), List.copyOf(copies));
    }

    /**
     * The number of states.
     *
     * @return at least 0
     */
    public int count() {
        return inputs.length;
    }

    /**
     * The input of a state.
     *
     * @param state the index of the state
     * @return the index of the input in the graph
     */
    public int input(int state) {
        return inputs[state];
    }

    /**
     * The output of a state.
     *
     * @param state the index of the state
     * @return the index of the output in the graph
     */
    public int output(int state) {
        return outputs[state];
    }

    /** The node of a step that copies an output of the graph. It is of no other graph. */
    Node copy(int output) {
        return copies.get(output);
    }
}
