package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.tensor.Tensor;
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
        assertThat(standard.operatorSet(17))
                .isEqualTo(standard.operatorSet(16).operatorSet(17))
                .hasSameHashCodeAs(standard.operatorSet(17))
                .isNotEqualTo(standard);
        assertThat(Typed.failure(() -> standard.operatorSet(0)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("SaveOptions.operatorSet");
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
