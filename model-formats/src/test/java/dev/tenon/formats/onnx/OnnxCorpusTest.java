package dev.tenon.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.WriteOptions;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.testkit.TestData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** Reads, writes and reads again each model of the conformance corpus whose operators Tenon has. */
class OnnxCorpusTest {
    /** Models with more bytes of weights are not written. */
    private static final long MAX_WRITTEN_BYTES = 4 << 20;

    private static List<Path> models(Path corpus) throws IOException {
        try (Stream<Path> files = Files.walk(corpus)) {
            return files.filter(f -> f.getFileName().toString().equals("model.onnx"))
                    .sorted()
                    .toList();
        }
    }

    private static ModelFile read(Path model) {
        return new OnnxReader()
                .read(new ModelSource(
                        ModelBytes.map(model, Limits.standard()),
                        ExternalData.inFolder(model.getParent()),
                        OnnxModelBuilder.OPERATORS,
                        Limits.standard()));
    }

    private static ModelFile again(ModelFile model) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new OnnxWriter().write(model, Channels.newChannel(out), WriteOptions.standard());
        return OnnxModelBuilder.read(out.toByteArray(), ExternalData.none(), Limits.standard());
    }

    @Test
    void modelsOfTheCorpusSurviveWriting(TestReporter reporter) throws IOException {
        Path corpus = TestData.corpus();
        List<Path> models = models(corpus);
        assertThat(models).isNotEmpty();
        int written = 0;
        int textuallyEqual = 0;
        int refused = 0;
        List<String> failures = new ArrayList<>();
        for (Path path : models) {
            ModelFile first;
            try {
                first = read(path);
            } catch (UnsupportedModelException | InvalidOperandException e) {
                refused++;
                continue;
            }
            try {
                GraphVerifier.verify(first.graph());
                if (Files.size(path) > MAX_WRITTEN_BYTES) {
                    continue;
                }
                ModelFile second = again(first);
                GraphVerifier.verify(second.graph());
                String difference = GraphComparison.difference(first.graph(), second.graph());
                if (difference != null) {
                    failures.add(path.getParent().getFileName() + ": " + difference);
                }
                written++;
                textuallyEqual += text(first.graph()).equals(text(second.graph())) ? 1 : 0;
                assertThat(text(again(second).graph())).as(path.toString()).isEqualTo(text(second.graph()));
            } catch (TenonException e) {
                failures.add(path.getParent().getFileName() + ": " + e.getMessage());
            }
        }
        reporter.publishEntry("models written and read again", Integer.toString(written));
        reporter.publishEntry("of those equal in text", Integer.toString(textuallyEqual));
        reporter.publishEntry("models refused for want of operators", Integer.toString(refused));
        assertThat(failures).isEmpty();
        assertThat(written).isPositive();
        assertThat(textuallyEqual).isGreaterThan(written / 10 * 9);
    }

    /** The text of a graph, without the numbers in symbols of dimensions that only run time knows. */
    private static String text(Graph graph) {
        return GraphText.print(graph).replaceAll("\\?[0-9]+", "?");
    }
}
