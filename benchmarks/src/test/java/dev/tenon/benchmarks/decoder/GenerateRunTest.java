package dev.tenon.benchmarks.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.benchmarks.decoder.RandomDecoder.Mixture;
import dev.tenon.benchmarks.engine.LlamaCpp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class GenerateRunTest {
    private static String run(String... words) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        GenerateRun.run(out, out, words);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    @Tag("vector")
    void aSmallDecoderIsMeasured(@TempDir Path folder) throws IOException {
        String table = run(GenerateRun.NAME, "--quick", "--folder", folder.toString(), "trial-q4_0");
        assertThat(table)
                .contains(
                        "trial-q4_0, 1 thread",
                        "one text",
                        "8 texts at once",
                        "first token of a JVM",
                        "1000 tokens cached")
                .doesNotContain("Infinity", "E3");
    }

    @Test
    void aPictureNeedsThePeer(@TempDir Path folder) {
        Assumptions.assumeTrue(LlamaCpp.absence(LlamaCpp.fetched()) != null, "llama.cpp is here");
        String picture = folder.resolve("generate.svg").toString();
        assertThatThrownBy(() -> run(GenerateRun.NAME, "--svg", picture, "trial-q4_0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--llama");
    }

    @Test
    void leastTimesAreShownBesideThePeers() throws Exception {
        GenerateFigures figures = figures();
        List<GenerateFigures.Row> rows = figures.rows();
        assertThat(rows.getFirst().ours()).isCloseTo(63 * 1e9 / 2e9, within(1e-9));
        assertThat(rows.getFirst().gain()).isCloseTo(1.5, within(1e-9));
        assertThat(rows.get(2).ours()).isCloseTo(8 * 63 * 1e9 / 4e9, within(1e-9));
        assertThat(rows.get(2).note()).startsWith("4.0 times one");
        assertThat(rows.get(3).gain()).isCloseTo(0.5, within(1e-9));
        assertThat(figures.text()).contains("50.0 % of the 2000.0 ms");
        String svg = GenerateSvg.draw(List.of(figures, figures));
        assertThat(DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(new StringReader(svg)))
                        .getElementsByTagName("rect")
                        .getLength())
                .isEqualTo(1 + 2 * rows.size());
    }

    private static GenerateFigures figures() {
        GenerateFigures figures =
                new GenerateFigures(new DecoderCase(RandomDecoder.TRIAL, Mixture.Q4_0), 2, new Ceilings(1));
        figures.one().add(new Writer.Time(2e9, 4e9), new Writer.Time(1e9, 3e9));
        figures.one().add(new Writer.Time(3e9, 2e9), new Writer.Time(4e9, 6e9));
        figures.several().add(new Writer.Time(2e9, 4e9), new Writer.Time(1e9, 3e9));
        figures.addPrefix(2e9, 1e9);
        figures.addPrefix(3e9, 2e9);
        figures.addStart(new double[] {200, 300}, new double[] {150, 100});
        figures.addStart(new double[] {300, 200}, new double[] {100, 150});
        return figures;
    }
}
