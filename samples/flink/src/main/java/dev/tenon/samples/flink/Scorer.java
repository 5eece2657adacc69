package dev.tenon.samples.flink;

import dev.tenon.Outputs;
import dev.tenon.tensor.Datum;
import java.io.Serializable;
import java.util.Map;

/**
 * How a record becomes a result. Flink serialises it with the job. Its methods are called by several threads at the same time.
 *
 * @param <I> the type of the records
 * @param <O> the type of the results
 */
public interface Scorer<I, O> extends Serializable {
    /**
     * Makes the inputs of a record.
     *
     * @param element the record
     * @return inputs of the model, with one row or more
     * @throws dev.tenon.error.TenonException if the record can't be scored; {@link #refused} is told why
     */
    Map<String, ? extends Datum> inputs(I element);

    /**
     * Makes the result of a record.
     *
     * @param element the record
     * @param outputs the outputs of the model
     * @return the result
     */
    O scored(I element, Outputs outputs);

    /**
     * Makes the result of a record that can't be scored: its inputs do not fit, an operator does not take a value, or its deadline
     * has passed. The stream goes on.
     *
     * @param element the record
     * @param reason the reason
     * @return the result
     */
    O refused(I element, String reason);
}
