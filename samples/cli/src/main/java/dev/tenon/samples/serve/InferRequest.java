package dev.tenon.samples.serve;

import dev.tenon.tensor.Tensor;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A parsed request for a prediction.
 *
 * @param id the client's name of the request, empty if it gave none
 * @param inputs the inputs of the model by name
 * @param outputs the outputs that the client wants, with whether each is to be binary; empty for all
 * @param binary whether outputs are binary where the client does not say
 * @param timeout the time that the client allows, if it says so
 */
record InferRequest(
        String id,
        Map<String, Tensor> inputs,
        Map<String, Boolean> outputs,
        boolean binary,
        Optional<Duration> timeout) {
    /** Whether an output is to be binary. */
    boolean isBinary(String output) {
        return outputs.getOrDefault(output, binary);
    }
}
