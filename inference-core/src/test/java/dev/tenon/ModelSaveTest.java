package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.ExternalDataPolicy;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSaveTest {
    private static final Tensor X = Tensor.of(new float[] {1, 2, 3, 4}, 1, 4);

    @TempDir
    private Path folder;

    private static void checkDoubles(Model model) {
        assertThat(model.predict(Map.of("x", X)).tensor("y").toFloatArray()).containsExactly(2, 4, 6, 8);
    }

    @Test
    void aSavedModelLoadsAsTheSame() {
        Model model = Model.load(ByteBuffer.wrap(SmallModels.doubleFile()));
        Path file = folder.resolve("saved.onnx");
        model.save(file);
        Model loaded = Model.load(file);
        checkDoubles(loaded);
        assertThat(loaded.inputs()).isEqualTo(model.inputs());
        assertThat(loaded.outputs()).isEqualTo(model.outputs());
        assertThat(loaded.metadata().properties()).isEqualTo(model.metadata().properties());
    }

    @Test
    void aModelMadeInMemoryIsSaved() {
        Model model = SmallModels.perceptron();
        Path file = folder.resolve("perceptron.onnx");
        model.save(file);
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(3, 16));
        Tensor expected = model.predict(inputs).tensor();
        assertThat(Model.load(file).predict(inputs).tensor().contentEquals(expected))
                .isTrue();
    }

    @Test
    void aModelReplacesItsOwnFile() throws IOException {
        Path file = Files.write(folder.resolve("double.onnx"), SmallModels.doubleFile());
        Model model = Model.load(file);
        model.save(file);
        checkDoubles(model);
        checkDoubles(Model.load(file));
    }

    @Test
    void aModelThatCanNotBeSavedLeavesTheOldFile() throws IOException {
        Path file = Files.write(folder.resolve("old.onnx"), SmallModels.doubleFile());
        Model model = Model.load(file);
        for (int version : new int[] {1, 1000}) {
            SaveOptions options = SaveOptions.standard().operatorSet(version);
            assertThat(Typed.failure(() -> model.save(file, options))).isInstanceOf(UnsupportedModelException.class);
        }
        checkDoubles(Model.load(file));
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void optionsAreValues() {
        SaveOptions standard = SaveOptions.standard();
        assertThat(standard.operatorSet()).isEmpty();
        assertThat(standard.operatorSet(17).operatorSet()).hasValue(17);
        assertThat(standard.externalData()).isEqualTo(ExternalDataPolicy.whenNeeded());
        assertThat(standard.isStandardOperatorsOnly()).isFalse();
        SaveOptions all = standard.operatorSet(17)
                .externalData(ExternalDataPolicy.always())
                .standardOperatorsOnly();
        assertThat(all.externalData()).isEqualTo(ExternalDataPolicy.always());
        assertThat(all.isStandardOperatorsOnly()).isTrue();
        assertThat(all)
                .isEqualTo(standard.standardOperatorsOnly()
                        .externalData(ExternalDataPolicy.always())
                        .operatorSet(17))
                .hasSameHashCodeAs(all.operatorSet(17))
                .isNotEqualTo(all.operatorSet(16))
                .isNotEqualTo(all.externalData(ExternalDataPolicy.never()))
                .isNotEqualTo(standard);
        assertThat(Typed.failure(() -> standard.operatorSet(0)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("SaveOptions.operatorSet");
    }

    @Test
    void weightsGoToASecondFile() throws IOException {
        Model model = SmallModels.perceptron();
        Path file = folder.resolve("large.onnx");
        model.save(file, SaveOptions.standard().externalData(ExternalDataPolicy.atLeast(1)));
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(2);
        }
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(2, 16));
        Tensor found = Model.load(file).predict(inputs).tensor();
        assertThat(found.contentEquals(model.predict(inputs).tensor())).isTrue();
        SaveOptions always = SaveOptions.standard().externalData(ExternalDataPolicy.always());
        assertThat(Typed.failure(() -> model.session().save(folder.resolve("large.tenon"), always)))
                .isInstanceOf(UnsupportedModelException.class);
    }

    @Test
    void anOptimisedModelIsSavedWithStandardOperatorsOnly() {
        Session session = SmallModels.model("""
            graph normalised(%x: f32[b,n,16], %r: f32[b,n,16]) {
              %scale = const f32[16] @s16
              %bias = const f32[16] @b16
              %s = Add(%x, %r)
              %y = LayerNormalization<axis=-1>(%s, %scale, %bias)
              return %y
            }
            """).session();
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(2, 3, 16), "r", SmallModels.random(2, 3, 16));
        Path file = folder.resolve("normalised.onnx");
        session.save(file);
        assertThat(Model.load(file).metadata().operatorSets()).containsKey("com.microsoft");
        SaveOptions only = SaveOptions.standard().standardOperatorsOnly();
        session.save(file, only);
        Model loaded = Model.load(file);
        assertThat(loaded.metadata().operatorSets()).doesNotContainKey("com.microsoft");
        Closeness.check(
                "y",
                loaded.predict(inputs).tensor(),
                session.predict(inputs).tensor(),
                null,
                new LayerNormalization(-1, 1e-5f, DType.FLOAT32).numerics());
        assertThat(Typed.failure(() -> session.save(folder.resolve("normalised.tenon"), only)))
                .isInstanceOf(UnsupportedModelException.class);
    }

    @Test
    void placesWhereNothingCanBeWritten() {
        Model model = SmallModels.perceptron();
        assertThat(Typed.failure(() -> model.save(folder))).isInstanceOf(ModelFileException.class);
        assertThat(Typed.failure(() -> model.save(folder.resolve("nowhere").resolve("m.onnx"))))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("nowhere");
    }
}
