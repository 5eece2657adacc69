package dev.tenon.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The answer of a model.
 *
 * @param model the name of the model
 * @param version the version that answered
 * @param outputs its outputs by name, in its order
 */
public record Prediction(String model, String version, Map<String, ClientTensor> outputs) {
    /** Keeps a copy of the outputs that does not change. */
    public Prediction {
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    }

    /**
     * An output.
     *
     * @param name its name
     * @return the tensor
     * @throws ClientException of {@link ClientException.Reason#INVALID} if there is no such output
     */
    public ClientTensor output(String name) {
        ClientTensor tensor = outputs.get(name);
        if (tensor == null) {
            throw ClientException.invalid(
                    "output '" + name + "' of model '" + model + "'",
                    "none in the answer",
                    outputs.keySet().toString(),
                    "ask for one of these");
        }
        return tensor;
    }
}
