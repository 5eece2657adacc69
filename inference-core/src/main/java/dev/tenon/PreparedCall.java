package dev.tenon;

import dev.tenon.error.InvalidInputException;
import dev.tenon.exec.StackRoom;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A call that is made many times with the same tensor objects. The caller writes new values into the inputs, calls
 * {@link #run}, and reads the outputs. A run allocates nothing.
 *
 * <p>The outputs are in native memory and are written in place wherever possible. Inputs that were made by
 * {@link Tensor#allocateNative} are read in place wherever possible; others are copied. For one thread at a time; make
 * one for each thread.
 *
 * <p>The output of a {@linkplain SessionOptions#state state} is the tensor that was given for its input, which each run
 * changes. It must be in native memory, or {@link #run} is refused.
 */
public final class PreparedCall {
    private final Session session;
    private final Map<String, Tensor> inputs;
    private final Map<String, Tensor> outputs = new LinkedHashMap<>();

    PreparedCall(Session session, Map<String, Tensor> inputs) {
        this.session = session;
        this.inputs = new LinkedHashMap<>(inputs);
        Outputs first = session.predict(States.copied(session, this.inputs));
        for (Map.Entry<String, Datum> e : first.entrySet()) {
            if (!(e.getValue() instanceof Tensor t)) {
                throw new InvalidInputException(
                        "output '" + e.getKey() + "'",
                        e.getValue().type().toString(),
                        "tensors",
                        "use Session.predict for a model with such outputs");
            }
            outputs.put(e.getKey(), States.inNativeMemory(t));
        }
        session.options().states().forEach((input, output) -> outputs.put(output, this.inputs.get(input)));
    }

    /**
     * An input.
     *
     * @param name its name
     * @return the tensor that was given for it; the caller writes into it
     * @throws InvalidInputException if there is no input of this name
     */
    public Tensor input(String name) {
        return find("input", inputs, name);
    }

    /**
     * An output.
     *
     * @param name its name
     * @return a tensor in native memory, the same at every call; {@link #run} writes into it
     * @throws InvalidInputException if there is no output of this name
     */
    public Tensor output(String name) {
        return find("output", outputs, name);
    }

    private static Tensor find(String kind, Map<String, Tensor> tensors, String name) {
        Tensor t = tensors.get(name);
        if (t == null) {
            throw new InvalidInputException(
                    kind + " '" + name + "'", "no such " + kind, String.join(", ", tensors.keySet()), null);
        }
        return t;
    }

    /**
     * Predicts from the present values of the inputs into the outputs.
     *
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map, Map)}
     */
    public void run() {
        try {
            session.predict(inputs, outputs);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }
}
