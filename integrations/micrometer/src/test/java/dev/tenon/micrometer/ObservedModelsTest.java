package dev.tenon.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.error.InvalidInputException;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Tanh;
import dev.tenon.serving.Call;
import dev.tenon.serving.UnknownModelException;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Trial;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Observations of calls that end well and that fail. */
class ObservedModelsTest {
    private static final Map<String, Tensor> INPUTS = Map.of("x", Tensor.of(new float[] {100}, 1));

    private final List<Observation.Context> stopped = new ArrayList<>();
    private final ObservationRegistry observations = ObservationRegistry.create();
    private final Models models = Models.create();
    private final ObservedModels observed = new ObservedModels(models, observations);

    ObservedModelsTest() {
        observations.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public void onStop(Observation.Context context) {
                stopped.add(context);
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
        GraphBuilder graph = new GraphBuilder("tanh");
        Value x = graph.input("x", ValueType.parse("f32[n]"));
        graph.output("y", graph.add(new Tanh(), x));
        models.load("squash", "7", Model.of(graph.build()), Trial.none());
        models.promote("squash", "7");
    }

    private String stopped(String key) {
        return stopped.getLast().getLowCardinalityKeyValue(key).getValue();
    }

    @Test
    void aCallHasItsModelAndVersion() {
        Observation outer = Observation.start("request", observations);
        try (Observation.Scope scope = outer.openScope()) {
            assertThat(scope.getCurrentObservation()).isSameAs(outer);
            assertThat(observed.predict("squash", INPUTS, Call.standard())
                            .tensor("y")
                            .getFloat(0))
                    .isEqualTo(1);
        }
        assertThat(stopped).singleElement().satisfies(c -> {
            assertThat(c.getName()).isEqualTo("tenon.prediction");
            assertThat(c.getContextualName()).isEqualTo("predict squash");
            assertThat(c.getParentObservation()).isSameAs(outer);
            assertThat(c.getError()).isNull();
        });
        assertThat(stopped("model")).isEqualTo("squash");
        assertThat(stopped("version")).isEqualTo("7");
        outer.stop();
    }

    @Test
    void aCallThatFailsHasItsError() {
        assertThatThrownBy(() -> observed.answer("squash", Map.of(), Call.standard()))
                .isInstanceOf(InvalidInputException.class)
                .satisfies(e -> assertThat(stopped.getLast().getError()).isSameAs(e));
        assertThatThrownBy(() -> observed.answer("absent", INPUTS, Call.standard()))
                .isInstanceOf(UnknownModelException.class);
        assertThat(stopped("model")).isEqualTo("absent");
        assertThat(stopped("version")).isEqualTo("none");
    }
}
