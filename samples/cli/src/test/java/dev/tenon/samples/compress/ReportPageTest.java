package dev.tenon.samples.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.compression.CompressionReport;
import dev.tenon.compression.CompressionReport.Change;
import dev.tenon.compression.CompressionReport.OperatorTime;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Machine;
import dev.tenon.compression.Score;
import dev.tenon.compression.Sensitivity;
import dev.tenon.compression.StoredTensor;
import dev.tenon.compression.Trial;
import dev.tenon.compression.metric.Changes;
import dev.tenon.compression.metric.Confidence;
import dev.tenon.compression.metric.Interval;
import dev.tenon.samples.inspect.Browser;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.TestData;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a report in a browser. */
class ReportPageTest {
    private static final String LONG = "/model/" + "a_very_long_name_without_any_space".repeat(5) + "/<b>MatMul</b>";

    /** The blue of 8-bit integers in the light scheme. */
    private static final Color BLUE = new Color(0x3f6fd8);

    /** The orange of values that are clipped. */
    private static final Color ORANGE = new Color(0xd9862f);

    @TempDir
    private Path folder;

    private static CompressionReport report() {
        List<LayerReport> layers = new ArrayList<>();
        List<Sensitivity> sensitivities = new ArrayList<>();
        List<StoredTensor> before = new ArrayList<>();
        List<StoredTensor> after = new ArrayList<>();
        List<Trial> trials = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String name = i % 4 == 0 ? LONG + i : "layer" + i;
            layers.add(
                    i % 5 == 2
                            ? LayerReport.kept(name, "int8-static", "the loss of " + LONG)
                            : LayerReport.changed(name, "int8-static", 8, 0, 30 + i));
            sensitivities.add(new Sensitivity(name, "int8", OptionalDouble.of(0.01 * i), OptionalDouble.empty()));
            before.add(new StoredTensor(name, DType.FLOAT32, 1000L * i, 4000L * i));
            after.add(new StoredTensor(name, DType.INT8, 1000L * i, 1000L * i));
            Score score =
                    new Score("top1", 0.99, 0.99 - 0.001 * i, 2000, i, 0, new Interval(0, 0, 0.95, false), 30, true);
            trials.add(new Trial(
                    "trial " + i,
                    Map.of(),
                    100_000L - 5000L * i,
                    Optional.of(score),
                    Optional.empty(),
                    OptionalDouble.of(i),
                    "",
                    i == 5));
        }
        return new CompressionReport(
                LONG,
                "auto",
                new Change(1_234_567, 345_678),
                new Change(300_000, 300_500),
                Optional.of(new Change(123_456_789, 123_456_789)),
                Optional.of(new Score(
                        "top1", 0.99, 0.985, 2000, 12, 1e-3, new Interval(0.002, 0.008, 0.95, false), 33, true)),
                Optional.of(new CompressionReport.Latency(
                        new CompressionReport.Spread(12.345, 12, 14),
                        new CompressionReport.Spread(6.789, 6, 8),
                        1,
                        true,
                        OptionalDouble.empty(),
                        List.of(new OperatorTime("Conv", 9, 4)))),
                layers,
                false,
                0,
                new CompressionReport.Details(
                        List.of(),
                        before,
                        after,
                        sensitivities,
                        trials,
                        evidence(layers),
                        new CompressionReport.Options(0.01, Confidence.standard(), 1, "size"),
                        Machine.current()));
    }

    /** A graph with a wide row, long names, and many ranges. */
    private static CompressionReport.Evidence evidence(List<LayerReport> layers) {
        List<CompressionReport.GraphNode> nodes = new ArrayList<>();
        List<CompressionReport.ActivationRange> activations = new ArrayList<>();
        nodes.add(new CompressionReport.GraphNode("first", "Conv", 0, List.of()));
        for (LayerReport layer : layers) {
            nodes.add(new CompressionReport.GraphNode(layer.name(), "MatMul", 10, List.of(0)));
            activations.add(new CompressionReport.ActivationRange(
                    layer.name(), -1, 3, -2, 5, 7, List.of(1L, 20L, 300L, 20L, 1L)));
        }
        for (int i = 0; i < 40; i++) {
            nodes.add(new CompressionReport.GraphNode(LONG + i, "Relu", 0, List.of(nodes.size() - 1)));
        }
        return new CompressionReport.Evidence(
                new CompressionReport.Hashes(
                        "2".repeat(64),
                        "3".repeat(64),
                        "4".repeat(64),
                        Optional.of("0".repeat(64)),
                        Optional.of("1".repeat(64))),
                Optional.empty(),
                Optional.of(changes()),
                activations,
                List.of(new CompressionReport.ChannelRanges(LONG, LONG, List.of(5.0, 0.1), List.of(1.0, 0.9))),
                List.of(),
                nodes);
    }

    private static Changes changes() {
        Changes.Collector changes = new Changes.Collector();
        for (int i = 0; i < 60; i++) {
            changes.add(new Changes.Sample(1_000_000 + i, i % 9, i % 9, i % 4, 0.01 * i, 1e-3 * i));
        }
        return changes.changes();
    }

    private Browser browser() {
        Browser browser = Browser.find(folder);
        TestData.needs(browser != null, "no Chromium on the path: apt-get install chromium", "tenon.ci");
        return browser;
    }

    @Test
    void nothingIsWiderThanThePage() throws IOException, InterruptedException {
        Browser browser = browser();
        Path page = folder.resolve("report.html");
        report().writeHtml(page);
        String quoted = Files.readString(page).replace("&", "&amp;").replace("\"", "&quot;");
        StringBuilder frames = new StringBuilder("<!DOCTYPE html><body>");
        for (int width : List.of(380, 800, 1400)) {
            frames.append("<iframe width=")
                    .append(width)
                    .append(" height=900 srcdoc=\"")
                    .append(quoted)
                    .append("\"></iframe>");
        }
        frames.append("""
                <p id=found></p><script>onload = () => { for (const f of document.querySelectorAll("iframe")) {
                const d = f.contentDocument; let widest = 0; for (const e of d.querySelectorAll("section, .tile, h1"))
                widest = Math.max(widest, e.getBoundingClientRect().right, e.scrollWidth - e.clientWidth > 1 ? 9999 : 0);
                found.append("[" + f.width + " " + d.documentElement.scrollWidth + " " + Math.ceil(widest) + " "
                + d.querySelectorAll("section").length + "]"); } };</script>""");
        Path wrapper = folder.resolve("frames.html");
        Files.writeString(wrapper, frames.toString());
        List<MatchResult> found = Pattern.compile("\\[(\\d+) (\\d+) (\\d+) (\\d+)\\]")
                .matcher(browser.dom(wrapper, ""))
                .results()
                .toList();
        assertThat(found).hasSize(3);
        for (MatchResult frame : found) {
            int width = Integer.parseInt(frame.group(1));
            assertThat(Integer.parseInt(frame.group(2)))
                    .as("width of the page in %d", width)
                    .isLessThanOrEqualTo(width);
            assertThat(Integer.parseInt(frame.group(3)))
                    .as("right end in %d", width)
                    .isLessThanOrEqualTo(width);
            assertThat(frame.group(4)).as("sections").isEqualTo("11");
        }
    }

    @Test
    void screenshotsShowBytesAndClippedValues() throws IOException, InterruptedException {
        Browser browser = browser();
        Path page = folder.resolve("seen.html");
        report().writeHtml(page);
        assertThat(pixels(browser, page, 1400, 1000, BLUE))
                .as("pixels of 8-bit integers")
                .isGreaterThan(100_000);
        for (int width : List.of(380, 800, 1400)) {
            assertThat(pixels(browser, page, width, 8000, ORANGE))
                    .as("pixels of what is clipped at a width of %d", width)
                    .isGreaterThan(5_000);
        }
    }

    private int pixels(Browser browser, Path page, int width, int height, Color color)
            throws IOException, InterruptedException {
        Path picture = folder.resolve("seen.png");
        browser.screenshot(page, picture, width, height);
        BufferedImage image = ImageIO.read(picture.toFile());
        assertThat(image.getWidth()).isEqualTo(width);
        int count = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                count += new Color(image.getRGB(x, y)).equals(color) ? 1 : 0;
            }
        }
        return count;
    }
}
