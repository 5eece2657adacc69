package dev.tenon;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.plan.StatePairs;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The states that options declare, in a model. */
final class States {
    private static final String OPTION = "SessionOptions.state";

    private States() {}

    /**
     * The states of a model.
     *
     * @param states the output of each state by its input
     * @throws InvalidOptionException if one does not fit the model
     */
    static StatePairs of(Model model, Map<String, String> states) {
        int[] inputs = new int[states.size()];
        int[] outputs = new int[inputs.length];
        int count = 0;
        for (Map.Entry<String, String> state : states.entrySet()) {
            inputs[count] = find("input", state.getKey(), model.inputs());
            outputs[count] = find("output", state.getValue(), model.outputs());
            check(model.inputs().get(inputs[count]), model.outputs().get(outputs[count]));
            count++;
        }
        return StatePairs.of(model.graph(), inputs, outputs);
    }

    private static int find(String kind, String name, List<ValueInfo> known) {
        for (int i = 0; i < known.size(); i++) {
            if (known.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new InvalidOptionException(
                OPTION,
                kind + " '" + name + "', which the model does not have"
                        + (kind.equals("input") ? " or does not need" : ""),
                known.toString(),
                "name an " + kind + " of the model");
    }

    private static void check(ValueInfo input, ValueInfo output) {
        ValueType type = input.type();
        if (type.equals(output.type())
                && type instanceof TensorType t
                && t.dtype() != DType.STRING
                && t.shape().hasRank()) {
            return;
        }
        throw new InvalidOptionException(
                OPTION,
                "input " + input + " and output " + output,
                "one type of element, no strings, and one shape of known rank, whose symbols are the same in both",
                "make the model compute the output in the shape of the input");
    }

    /** The inputs of a call, with copies of its states, so that the call does not change those of the caller. */
    static Map<String, Datum> copied(Session session, Map<String, ? extends Datum> inputs) {
        Map<String, Datum> copied = new LinkedHashMap<>(inputs);
        for (String name : session.options().states().keySet()) {
            if (copied.get(name) instanceof Tensor t) {
                copied.put(name, inNativeMemory(t));
            }
        }
        return copied;
    }

    static Tensor inNativeMemory(Tensor t) {
        Tensor result = Tensor.allocateNative(t.dtype(), t.dims());
        result.copyFrom(t);
        return result;
    }
}
