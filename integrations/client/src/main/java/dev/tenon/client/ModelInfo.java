package dev.tenon.client;

import java.util.List;

/**
 * A model as a server describes it.
 *
 * @param name its name
 * @param versions its versions
 * @param inputs its inputs, in its order
 * @param outputs its outputs, in its order
 */
public record ModelInfo(String name, List<String> versions, List<Value> inputs, List<Value> outputs) {
    /** Keeps copies of the lists that do not change. */
    public ModelInfo {
        versions = List.copyOf(versions);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /**
     * An input or output.
     *
     * @param name its name
     * @param type the name of its {@link ElementType}, or the server's name of a type that the protocol does not have
     * @param shape the sizes of its dimensions; -1 for one that calls choose
     */
    public record Value(String name, String type, List<Long> shape) {
        /** Keeps a copy of the shape that does not change. */
        public Value {
            shape = List.copyOf(shape);
        }
    }
}
