package dev.tenon.testkit;

import dev.tenon.op.Op;
import dev.tenon.tensor.Datum;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * One application of an operator to values.
 *
 * @param name the name of the case, unique within its operator
 * @param op the operator
 * @param inputs the operands, null for an operand that is left out
 * @param outputs the number of outputs
 * @param expected the outputs by an independent source, or null if only implementations are compared with each other
 * @param error a part of the message if the case must fail with a typed exception, otherwise null
 */
public record OpCase(String name, Op op, List<Datum> inputs, int outputs, List<Datum> expected, String error) {
    /**
     * A case with all outputs of the schema and without expected values.
     *
     * @param name the name of the case
     * @param op the operator
     * @param inputs the operands, null for an operand that is left out
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
     * @param count the number of outputs
     * @return the new case
     */
    public OpCase outputs(int count) {
        return new OpCase(name, op, inputs, count, expected, error);
    }

    /**
     * The same case, but it must fail with a typed exception.
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
