package dev.tenon.samples.kafka;

import dev.tenon.Outputs;
import dev.tenon.tensor.Datum;
import java.util.Map;

/** How the values of the two topics are written. Safe for any number of threads. */
interface Values {
    /**
     * Reads a value, as one row of the model.
     *
     * @throws dev.tenon.error.TenonException if the value can't be read
     * @throws org.apache.kafka.common.errors.SerializationException if the value can't be read
     */
    Map<String, ? extends Datum> inputs(byte[] value);

    /** Writes the row of a result. */
    byte[] scores(Outputs outputs);
}
