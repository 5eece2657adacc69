package dev.tenon.formats.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.ExternalDataPolicy;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.WriteOptions;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TenonWriterTest {
    @TempDir
    private Path folder;

    private static ModelFile model() {
        Graph graph = GraphText.parse(
                "graph main(%x: f32[2]) { %w = const f32[2] {1, 2} %y = Add(%x, %w) return %y }",
                StandardOperators.set());
        return new ModelFile(graph, ModelMetadata.EMPTY);
    }

    @Test
    void aPackageIsReadAsItWasWritten() {
        Path path = folder.resolve("m.tenon");
        new TenonWriter().write(model(), path, WriteOptions.standard());
        ModelBytes bytes = ModelBytes.map(path, Limits.standard());
        ModelFile read = new TenonReader()
                .read(new ModelSource(bytes, ExternalData.none(), StandardOperators.set(), Limits.standard()));
        assertThat(GraphText.print(read.graph())).isEqualTo(GraphText.print(model().graph()));
    }

    @Test
    void optionsOfOtherFormatsAreRefused() {
        Path path = folder.resolve("m.tenon");
        WriteOptions standard = WriteOptions.standard();
        assertThatThrownBy(() -> new TenonWriter().write(model(), path, standard.withOperatorSet(21)))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("operator set 21");
        assertThatThrownBy(() ->
                        new TenonWriter().write(model(), path, standard.withExternalData(ExternalDataPolicy.always())))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("external data");
        assertThatThrownBy(() -> new TenonWriter().write(model(), path, standard.withStandardOperatorsOnly(true)))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("standard operators only");
        assertThat(Files.exists(path)).isFalse();
    }
}
