package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidInputException;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Maps as inputs, between operators and as outputs. */
class MapsTest {
    private static final MapDatum SCORES = MapDatum.of(Tensor.of(new long[] {4, 1}), Tensor.of(new float[] {0.5f, -2}));

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void mapsAreInputsAndOutputs(boolean optimize) {
        Session s = SmallModels.model("""
                graph (%m: map(i64, f32[]), %x: f32[n,2]) {
                  %row = ai.onnx.ml.CastMap<map_form="SPARSE", max_map=5>(%m)
                  %twice = Add(%row, %row)
                  %maps = ai.onnx.ml.ZipMap<classlabels_strings=["no", "yes"]>(%x)
                  %last = const i64[] {-1}
                  %one = SequenceAt(%maps, %last)
                  %yes = ai.onnx.ml.DictVectorizer<string_vocabulary=["yes"]>(%one)
                  return %twice, %maps, %one, %yes, %m
                }
                """).session(SessionOptions.standard().optimize(optimize));
        for (int call = 1; call < 4; call++) {
            Outputs out = s.predict(Map.of("m", SCORES, "x", Tensor.of(new float[] {1, 2, 3, call}, 2, 2)));
            assertThat(out.tensor("twice").toFloatArray()).containsExactly(0, -4, 0, 0, 1);
            assertThat(out.tensor("yes").toFloatArray()).containsExactly(call);
            TensorSequence maps = (TensorSequence) out.get("maps");
            assertThat(maps.size()).isEqualTo(2);
            assertThat(number(maps.get(0), "no")).contains(1f);
            assertThat(number(maps.get(1), "yes")).contains((float) call);
            assertThat(number(out.get("one"), "no")).contains(3f);
            assertThat(number(out.get("one"), "maybe")).isEmpty();
            assertThat(((MapDatum) out.get("m")).asMap().keySet()).containsExactly(4L, 1L);
        }
    }

    private static Optional<Float> number(Object map, String key) {
        return ((MapDatum) map).get(key).map(d -> ((Tensor) d).getFloat(0));
    }

    @Test
    void mapsOfFilesKeepTheirTypes() {
        Model model = Model.load(ByteBuffer.wrap(OnnxFile.graph("maps")
                .imports("ai.onnx.ml", 1)
                .input("m", "map(i64, string[])")
                .node("ai.onnx.ml", "CastMap", List.of("m"), List.of("y"), OnnxFile.attribute("cast_to", "TO_FLOAT"))
                .output("y")
                .bytes()));
        assertThat(model.inputs().getFirst().type().text()).isEqualTo("map(i64, string[])");
        MapDatum texts = MapDatum.of(Tensor.of(new long[] {7, -7}), Tensor.of(new String[] {"2.5", "1"}));
        assertThat(model.predict(Map.of("m", texts)).tensor("y").toFloatArray()).containsExactly(1, 2.5f);
        assertThatThrownBy(() -> model.predict(Map.of("m", SCORES)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("map(i64, f32[])")
                .hasMessageContaining("map(i64, string[])");
        assertThatThrownBy(() -> model.predict(Map.of("m", Tensor.scalar(1f))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("map(i64, string[])");
    }
}
