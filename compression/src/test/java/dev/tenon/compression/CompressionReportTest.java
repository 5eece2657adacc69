package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.compression.metric.Confidence;
import dev.tenon.compression.page.GraphDrawing;
import dev.tenon.compression.page.Treemap;
import dev.tenon.formats.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class CompressionReportTest {
    @TempDir
    private Path folder;

    @Test
    void jsonHasNamesAndNumbersAsTheyAre() {
        String name = "a\\\"\\\\\\n\\u0001<b>\\ud800";
        assertThat(ReportExamples.small("a\"\\\n\u0001<b>\uD800").toJson())
                .startsWith("{\"schema\":\"tenon-compression-report\",\"version\":1,\"model\":\"" + name
                        + "\",\"recipe\":\"int8-static+prune\",\"options\":{\"floor\":null,\"confidence\":0.95,"
                        + "\"confidence_demanded\":false,\"objective\":null,\"threads\":0,\"seed\":3},")
                .contains("\"machine\":{\"cpu\":\"a processor\",\"processors\":2,\"java\":\"25\",\"tenon\":\"1.0\","
                        + "\"tiers\":[\"scalar: always\"]}")
                .contains(
                        "\"size_bytes\":{\"before\":1000,\"after\":280},\"parameters\":{\"before\":200,\"after\":210},"
                                + "\"flops\":null,\"metric\":null,\"test\":null,\"floor_met\":true,\"changes\":null,"
                                + "\"latency_ms\":null,\"stages\":[],\"trials\":[],")
                .endsWith("\"layers\":["
                        + "{\"name\":\"" + name + "\",\"technique\":\"int8-static\",\"bits\":8,\"sparsity\":0.25,"
                        + "\"sqnr_db\":41.5,\"kept\":false,\"reason\":\"\"},"
                        + "{\"name\":\"b\",\"technique\":\"prune\",\"bits\":32,\"sparsity\":0.0,\"sqnr_db\":null,"
                        + "\"kept\":true,\"reason\":\"because of " + name + "\"}],\"trainings\":[]}");
    }

    @Test
    void jsonAndPageTellHowWeightsWereTrained() throws Exception {
        assertThat(ReportExamples.full().toJson())
                .contains("\"trainings\":[{\"step\":\"distill\",\"losses\":["
                        + "{\"training\":null,\"judged\":2.0,\"rate\":0.0},{\"training\":1.5,\"judged\":0.5,\"rate\":0.001}],"
                        + "\"best\":1,\"agreement\":{\"kind\":\"classes\",\"before\":0.25,\"after\":0.96,\"samples\":100},"
                        + "\"trained\":[\"w<1>\"],\"frozen\":{\"table\":\"operand 0 of Gather\"},\"notes\":[\"a <note>\"],"
                        + "\"seconds\":3.0}]");
        assertThat(texts(page(ReportExamples.full()), "div"))
                .contains("1 epochs, the best is 1, 3 s", "loss 2.000 → 0.5000", "a <note>")
                .contains("classes as the teacher 25.00 → 96.00 of 100 samples", "1 constants trained, 1 frozen");
    }

    @Test
    void jsonHasMarginsVerdictsTrialsAndChanges() {
        assertThat(ReportExamples.full().toJson())
                .contains("\"flops\":{\"before\":18912256,\"after\":18912256}")
                .contains("\"metric\":{\"name\":\"top1\",\"before\":0.991,\"after\":0.9895,\"samples\":2000,"
                        + "\"disagreements\":7,\"kl\":4.1E-4,\"sqnr_db\":31.2,\"loss\":{\"value\":0.0014999999999999458,"
                        + "\"low\":-8.0E-4,\"high\":0.0038,\"margin\":0.0023,\"confidence\":0.95,\"demanded\":false},"
                        + "\"verdict\":\"undecided\"}")
                .contains("\"changes\":{\"worst\":[{\"index\":40,\"label\":3,\"before\":3,\"after\":8,\"kl\":0.4,"
                        + "\"noise\":0.09},{\"index\":41,\"label\":8,\"before\":1,")
                .contains(
                        "\"classes\":[{\"label\":3,\"samples\":2,\"right_before\":2,\"right_after\":1,\"lost\":1,"
                                + "\"won\":0},{\"label\":8,\"samples\":1,\"right_before\":0,\"right_after\":1,\"lost\":0,\"won\":1}]")
                .contains("\"latency_ms\":{\"before\":{\"median\":0.412,\"low\":0.401,\"high\":0.44},"
                        + "\"after\":{\"median\":0.167,\"low\":0.16,\"high\":0.171},\"threads\":1,\"warm\":false,"
                        + "\"load\":0.75}")
                .contains("\"trials\":[{\"name\":\"trial 0\",\"options\":{\"conv1\":\"trial 0\"},\"size_bytes\":900000,"
                        + "\"metric\":{")
                .contains("\"seconds\":1.5,\"failure\":null,\"chosen\":false}");
    }

    private Document page(CompressionReport report) throws Exception {
        Path file = folder.resolve("report.html");
        report.writeHtml(file);
        String html = Files.readString(file);
        assertThat(html).startsWith("<!DOCTYPE html>").doesNotContain("@BODY@").doesNotContain("<script");
        assertThat(html).doesNotContainPattern("(?i)(src|href|url|@import)\\s*[=(]");
        // But for elements without an end and the type, the page is XML.
        String xml = html.replaceFirst("<!DOCTYPE html>", "").replaceAll("<meta ([^>]*)>", "<meta $1/>");
        try (var reader = new java.io.StringReader(xml)) {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(reader));
        }
    }

    private static List<String> texts(Document page, String element) {
        var nodes = page.getElementsByTagName(element);
        return Stream.iterate(0, i -> i + 1)
                .limit(nodes.getLength())
                .map(i -> nodes.item(i).getTextContent())
                .toList();
    }

    @Test
    void thePageIsWellFormedWithAnyName() throws Exception {
        String name = "</title><script>alert(1)</script>\"'&<!--]]> @BODY@ \u0000 é 漢";
        Document page = page(ReportExamples.small(name));
        String shown = name.replace('\u0000', '\uFFFD');
        assertThat(texts(page, "h1")).containsExactly(shown);
        assertThat(texts(page, "title").getFirst()).isEqualTo(shown + ", compressed");
        assertThat(texts(page, "td")).contains(shown);
        assertThat(texts(page, "li")).containsExactly("prune: because of " + shown + " (1): b");
        assertThat(texts(page, "h2")).containsExactly("Bytes by precision", "Layers", "Left as it was");
    }

    @Test
    void thePageShowsWhatWasMeasured() throws Exception {
        Document page = page(ReportExamples.full());
        assertThat(texts(page, "h2"))
                .containsExactly(
                        "Bytes by precision",
                        "Step by step",
                        "Trials",
                        "Time by operator",
                        "Sensitivity of layers",
                        "Samples that got worst",
                        "Changes by class",
                        "Graph",
                        "Ranges of activations",
                        "Equalised channels",
                        "Training",
                        "Layers",
                        "Left as it was");
        assertThat(texts(page, "b")).contains("0.269 ×", "2.47 ×", "0.9895", "7", "227 k", "18.9 MFLOP");
        assertThat(texts(page, "p"))
                .contains("The loss is more than what was allowed.")
                .anyMatch(text -> text.startsWith("The models were still warming up"));
        assertThat(texts(page, "div"))
                .contains("904 kB → 243 kB", "0.0015 lost ± 0.0023 (95 %)", "95 % interval 0.9840 to 0.9931")
                .contains("undecided at the floor of 0.0010");
        assertThat(texts(page, "circle")).hasSize(14).anyMatch(text -> text.startsWith("trial 10: 350 kB, 0.0065"));
        assertThat(texts(page, "tr")).hasSize(1 + 24 + 1 + 3 + 1 + 2 + 1 + 14);
        assertThat(texts(page, "summary")).containsExactly("All 14 trials");
        assertThat(texts(page, "footer").getFirst())
                .contains("CPU ")
                .contains("seed 0")
                .contains("SHA-256 of the model before " + "1".repeat(64))
                .contains("SHA-256 of the result " + "2".repeat(64))
                .contains("floor 0.001000", "confidence 0.9500", "objective size", "scalar")
                .contains("SHA-256 of the calibration data " + "0123456789abcdef".repeat(4))
                .contains("SHA-256 of the evaluation data " + "fedcba9876543210".repeat(4));
    }

    @Test
    void thePageShowsRangesAndTheGraph() throws Exception {
        Document page = page(ReportExamples.full());
        assertThat(texts(page, "figcaption")).hasSize(24 + 1 + 1).first().isEqualTo("/encoder/layer.0/output/dense_23");
        assertThat(texts(page, "div"))
                .contains("seen -1.00 to 5.00", "chosen -0.500 to 4.30, clipped 3.5 %")
                .contains("4 channels", "mean of the largest 0.29 → 0.85");
        assertThat(texts(page, "g"))
                .hasSize(48)
                .contains("conv1: Conv, int8-staticconv1", "head: Conv, left as it washead", "add3: AddAdd");
        assertThat(count(page, "rect", "kept")).isEqualTo(2);
        assertThat(count(page, "rect", "t0")).isEqualTo(22);
        assertThat(count(page, "rect", "clipped")).isEqualTo(5 + 15 + 23);
        assertThat(count(page, "path", "edge")).isEqualTo(47 + 3);
    }

    private static long count(Document page, String element, String style) {
        var nodes = page.getElementsByTagName(element);
        return Stream.iterate(0, i -> i + 1)
                .limit(nodes.getLength())
                .filter(i -> style.equals(
                        nodes.item(i).getAttributes().getNamedItem("class").getNodeValue()))
                .count();
    }

    @Test
    void aLargeGraphIsShownAsABarForEachLayer() throws Exception {
        CompressionReport full = ReportExamples.full();
        List<CompressionReport.GraphNode> nodes =
                new ArrayList<>(full.details().evidence().nodes());
        while (nodes.size() <= 300) {
            nodes.add(new CompressionReport.GraphNode("n" + nodes.size(), "Add", 0, List.of(nodes.size() - 1)));
        }
        CompressionReport.Details d = full.details();
        CompressionReport.Evidence e = d.evidence();
        CompressionReport large = new CompressionReport(
                full.model(),
                full.recipe(),
                full.sizeBytes(),
                full.parameters(),
                full.flops(),
                full.score(),
                full.latency(),
                full.layers(),
                true,
                0,
                new CompressionReport.Details(
                        List.of(),
                        d.constantsBefore(),
                        d.constantsAfter(),
                        List.of(),
                        List.of(),
                        new CompressionReport.Evidence(
                                e.hashes(), e.test(), e.changes(), List.of(), List.of(), List.of(), nodes),
                        d.options(),
                        d.machine()));
        Document page = page(large);
        assertThat(texts(page, "p")).anyMatch(text -> text.contains("the graph is too large to be drawn"));
        assertThat(texts(page, "g")).isEmpty();
        assertThat(texts(page, "span")).contains("conv1", "24.0 k").doesNotContain("n300");
    }

    @Test
    void aDrawingHasEachNodeBelowItsSources() {
        List<GraphDrawing.Node> nodes = List.of(
                new GraphDrawing.Node("a", "a", "plain", List.of()),
                new GraphDrawing.Node("b", "b", "plain", List.of(0)),
                new GraphDrawing.Node("c", "c", "plain", List.of(0)),
                new GraphDrawing.Node("d", "d", "plain", List.of(1, 2)),
                new GraphDrawing.Node("e", "e", "plain", List.of(0, 3)));
        List<Double> tops = Pattern.compile("<rect class=\"plain\" x=\"[0-9.]+\" y=\"([0-9.]+)\"")
                .matcher(GraphDrawing.of(nodes, "five nodes"))
                .results()
                .map(m -> Double.parseDouble(m.group(1)))
                .toList();
        assertThat(tops).hasSize(5);
        for (int i = 0; i < nodes.size(); i++) {
            for (int source : nodes.get(i).sources()) {
                assertThat(tops.get(i)).isGreaterThan(tops.get(source));
            }
        }
        assertThat(tops.get(1)).isEqualTo(tops.get(2));
        assertThat(GraphDrawing.of(List.of(), "nothing")).startsWith("<svg").endsWith("</svg>");
    }

    @Test
    void aResultThatIsNoSmallerSaysSo() throws Exception {
        CompressionReport same = new CompressionReport(
                "m",
                "",
                new CompressionReport.Change(10, 10),
                new CompressionReport.Change(0, 0),
                java.util.Optional.empty(),
                java.util.Optional.empty(),
                java.util.Optional.empty(),
                List.of(),
                true,
                0,
                new CompressionReport.Details(
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        ReportExamples.nothing(),
                        new CompressionReport.Options(Double.POSITIVE_INFINITY, Confidence.standard(), 0, ""),
                        Machine.current()));
        assertThat(same.isSmaller()).isFalse();
        assertThat(texts(page(same), "p")).contains("The result is not smaller than the model before compression.");
    }

    @Test
    void filesAppearWhenTheyAreComplete() throws IOException {
        Path file = folder.resolve("report.json");
        ReportExamples.full().writeJson(file);
        assertThat(Files.readString(file)).isEqualTo(ReportExamples.full().toJson() + "\n");
        assertThatThrownBy(() -> ReportExamples.full().writeJson(folder.resolve("none/report.json")))
                .isInstanceOf(ModelFileException.class);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void trialsThatAllFailedAreATable() throws Exception {
        Trial failed = new Trial(
                "bad=*", Map.of(), 0, Optional.empty(), Optional.empty(), OptionalDouble.of(1), "no <reason>", false);
        Document page = page(ReportExamples.small("a").withSearch(List.of(), List.of(failed), "size", "bad"));
        assertThat(texts(page, "h2")).contains("Trials");
        assertThat(texts(page, "circle")).isEmpty();
        assertThat(texts(page, "tr")).anyMatch(text -> text.contains("bad=*") && text.contains("no <reason>"));
    }

    @Test
    void theFrontHasTheTrialsThatNoOtherBeats() {
        Trial small = ReportExamples.trial("small", 10, 0.5, false);
        Trial large = ReportExamples.trial("large", 30, 0.1, false);
        Trial beaten = ReportExamples.trial("beaten", 20, 0.6, false);
        Trial same = ReportExamples.trial("same", 30, 0.1, true);
        assertThat(ReportCharts.front(List.of(large, beaten, small, same))).containsExactly(small, large);
    }

    @Test
    void theMapFillsItsRectangleInProportion() {
        double[] sizes = {50, 30, 20, 10, 5, 5, 1, 1, 1, 0.5};
        double sum = Arrays.stream(sizes).sum();
        List<Treemap.Box> boxes = Treemap.of(sizes, 2);
        assertThat(boxes).hasSize(sizes.length);
        for (int i = 0; i < sizes.length; i++) {
            Treemap.Box box = boxes.get(i);
            assertThat(box.width() * box.height()).isCloseTo(sizes[i] / sum * 2, within(1e-12));
            assertThat(box.x()).isBetween(-1e-12, 2 - box.width() + 1e-12);
            assertThat(box.y()).isBetween(-1e-12, 1 - box.height() + 1e-12);
            for (Treemap.Box other : boxes.subList(0, i)) {
                double common =
                        Math.min(box.x() + box.width(), other.x() + other.width()) - Math.max(box.x(), other.x());
                double height =
                        Math.min(box.y() + box.height(), other.y() + other.height()) - Math.max(box.y(), other.y());
                assertThat(Math.min(common, height)).isLessThan(1e-9);
            }
        }
    }
}
