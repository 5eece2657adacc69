package dev.tenon.micrometer;

import dev.tenon.Outputs;
import dev.tenon.serving.Call;
import dev.tenon.serving.versions.Models;
import dev.tenon.tensor.Datum;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Map;
import java.util.Objects;

/**
 * Calls of models as observations named {@value #NAME}, which Micrometer Tracing turns into spans of OpenTelemetry, inside of the
 * span of the caller. Keys of low cardinality are {@code model} and {@code version}; the version is {@code none} if the call
 * failed. Safe for any number of threads.
 */
public final class ObservedModels {
    /** The name of the observations. */
    public static final String NAME = "tenon.prediction";

    private static final String VERSION = "version";

    private final Models models;
    private final ObservationRegistry observations;

    /**
     * Observes calls of models.
     *
     * @param models compute the calls
     * @param observations is told about them
     */
    public ObservedModels(Models models, ObservationRegistry observations) {
        this.models = Objects.requireNonNull(models, "models");
        this.observations = Objects.requireNonNull(observations, "observations");
    }

    /**
     * As {@link Models#answer}, observed.
     *
     * @param name the name of the model
     * @param inputs the inputs
     * @param call the deadline, the lane and the key
     * @return the outputs, and the version that computed them
     * @throws dev.tenon.error.TenonException as {@link Models#answer} does; the observation has it as its error
     */
    public Models.Answer answer(String name, Map<String, ? extends Datum> inputs, Call call) {
        Observation observation = Observation.createNotStarted(NAME, observations)
                .contextualName("predict " + name)
                .lowCardinalityKeyValue("model", name)
                .lowCardinalityKeyValue(KeyValue.of(VERSION, KeyValue.NONE_VALUE));
        return Objects.requireNonNull(observation.observe(() -> {
            Models.Answer answer = models.answer(name, inputs, call);
            observation.lowCardinalityKeyValue(VERSION, answer.version());
            return answer;
        }));
    }

    /**
     * As {@link Models#predict(String, Map, Call)}, observed.
     *
     * @param name the name of the model
     * @param inputs the inputs
     * @param call the deadline, the lane and the key
     * @return the outputs
     * @throws dev.tenon.error.TenonException as {@link Models#predict(String, Map, Call)} does
     */
    public Outputs predict(String name, Map<String, ? extends Datum> inputs, Call call) {
        return answer(name, inputs, call).outputs();
    }
}
