package dev.tenon.testkit;

import dev.tenon.op.Op;
import dev.tenon.tensor.Datum;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * One application of an operator to values.
 *
 * @param name what the case is about, unique within its operator
 * @param op the operator
 * @param inputs the operands, null for those left out
 * @param outputs how many outputs are asked for
 * @param expected the outputs by an independent source, or null if only implementations are compared with each other
 * @param error a part of the message of the typed exception that the case must end in, or null
 */
public record OpCase(String name, Op op, List<Datum> inputs, int outputs, List<Datum> expected, String error) {
    /**
     * A case with all outputs of the schema and no expectation of its own.
     *
     * @param name what the case is about
     * @param op the operator
     * @param inputs the operands, null for those left out
     * @return the case
     */
    public static OpCase of(String name, Op op, Datum... inputs) {
        return new OpCase(
                name,
                op,
                Collections.unmodifiableList(Arrays.asList(inputs)),
                op.schema().outputs().size(),
                null,
                null);
    }

    /**
     * The same case with the expected outputs.
     *
     * @param values the outputs by an independent source
     * @return the new case
     */
    public OpCase expect(Datum... values) {
        return new OpCase(name, op, inputs, values.length, List.of(values), null);
    }

    /**
     * The same case with another number of outputs.
     *
     * @param count how many outputs are asked for
     * @return the new case
     */
    public OpCase outputs(int count) {
        return new OpCase(name, op, inputs, count, expected, error);
    }

    /**
     * The same case ending in a typed exception.
     *
     * @param message a part of its message
     * @return the new case
     */
    public OpCase fails(String message) {
        return new OpCase(name, op, inputs, outputs, null, message);
    }

    @Override
    public String toString() {
        return op.schema().name() + ": " + name;
    }
}
