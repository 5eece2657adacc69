package dev.tenon.compression;

import dev.tenon.compression.CompressionReport.Change;
import dev.tenon.compression.CompressionReport.Details;
import dev.tenon.compression.page.HtmlText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** A report as a web page: a template with its style, and a body that is made here. */
final class ReportPage {
    private static final String TEMPLATE = "report.html";
    private static final double MOST_SQNR = 60;
    private static final double NORMAL_95 = 1.959963984540054;

    private final CompressionReport report;
    private final StringBuilder out = new StringBuilder();

    private ReportPage(CompressionReport report) {
        this.report = report;
    }

    static String of(CompressionReport report) {
        try (InputStream template = ReportPage.class.getResourceAsStream(TEMPLATE)) {
            String html = new String(template.readAllBytes(), StandardCharsets.UTF_8);
            // The body comes last, since names in it may look like a placeholder.
            return html.replace("@TITLE@", HtmlText.escaped(report.model()) + ", compressed")
                    .replace("@BODY@", new ReportPage(report).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String body() {
        head();
        out.append("<div class=\"tiles\">");
        tiles();
        out.append("</div>\n<div class=\"grid\">\n");
        ReportCharts charts = new ReportCharts(report, out);
        charts.precision();
        charts.stages();
        charts.trials();
        charts.operators();
        charts.sensitivities();
        EvidenceCharts evidence = new EvidenceCharts(report, charts, out);
        evidence.graph();
        evidence.activations();
        evidence.channels();
        evidence.trainings();
        layers(charts);
        skipped();
        out.append("</div>\n");
        foot();
        return out.toString();
    }

    private void head() {
        out.append("<h1>")
                .append(HtmlText.escaped(report.model()))
                .append("</h1>\n<p class=\"soft\">Compressed by <code>");
        out.append(HtmlText.escaped(report.recipe().isEmpty() ? "no step" : report.recipe()))
                .append("</code></p>\n");
        if (!report.isFloorMet()) {
            notice("The loss is more than what was allowed.");
        }
        if (!report.isSmaller()) {
            notice("The result is not smaller than the model before compression.");
        }
    }

    private void notice(String text) {
        out.append("<p class=\"notice\">").append(text).append("</p>\n");
    }

    private void tile(String label, String value, String... lines) {
        out.append("<div class=\"tile\"><div class=\"label\">").append(label).append("</div><b>");
        out.append(HtmlText.escaped(value)).append("</b>");
        for (String line : lines) {
            out.append("<div class=\"sub\">").append(HtmlText.escaped(line)).append("</div>");
        }
        out.append("</div>\n");
    }

    private void tiles() {
        Change size = report.sizeBytes();
        tile(
                "Size",
                HtmlText.number("%.3f ×", size.ratio()),
                HtmlText.bytes(size.before()) + " → " + HtmlText.bytes(size.after()));
        report.latency()
                .ifPresent(t -> tile(
                        "Speed",
                        HtmlText.number("%.2f ×", t.beforeMillis() / t.afterMillis()),
                        HtmlText.number("%.3f ms → ", t.beforeMillis()) + HtmlText.number("%.3f ms", t.afterMillis()),
                        "one sample, " + t.threads() + (t.threads() == 1 ? " thread" : " threads")));
        report.score().ifPresent(score -> metric("Metric: ", score));
        report.details().evidence().test().ifPresent(test -> metric("Test set: ", test.score()));
        Change parameters = report.parameters();
        tile(
                "Parameters",
                HtmlText.scaled(parameters.after()),
                "of " + HtmlText.scaled(parameters.before()) + " stored elements");
        report.flops()
                .ifPresent(flops -> tile(
                        "Operations",
                        HtmlText.scaled(flops.after()) + "FLOP",
                        flops.after() == flops.before()
                                ? "as before, one sample, dense"
                                : "of " + HtmlText.scaled(flops.before()) + "FLOP, one sample, dense"));
    }

    private void metric(String title, Score score) {
        double points = Score.points(score.metric());
        boolean isInPoints = points > 1;
        String unit = isInPoints ? " points" : "";
        String format = isInPoints ? "%.2f" : "%.4g";
        double loss = score.loss() * points;
        String change =
                HtmlText.number(format, Math.abs(loss)) + unit + (loss > 0 ? " lost" : loss < 0 ? " gained" : " lost");
        String margin = Double.isNaN(score.margin())
                ? ", margin unknown"
                : " ± " + HtmlText.number(format, score.margin() * points)
                        + percent(score.interval().confidence());
        tile(
                title + HtmlText.escaped(score.metric()),
                HtmlText.number(isInPoints ? "%.2f" : "%.4g", score.after() * points),
                change + margin,
                score.metric().equals("top1")
                        ? interval(score)
                        : "before " + HtmlText.number(format, score.before() * points),
                score.samples() + " samples");
        tile(
                "Disagreements",
                score.disagreements() + "",
                "samples of another class than before",
                "KL " + HtmlText.number("%.3g nats", score.divergence()),
                Double.isInfinite(score.sqnr())
                        ? "outputs the same"
                        : "SQNR " + HtmlText.number("%.1f dB", score.sqnr()));
    }

    private static String percent(double level) {
        double percent = 100 * level;
        return HtmlText.number(percent == Math.rint(percent) ? " (%.0f %%)" : " (%.4g %%)", percent);
    }

    /** Wilson's interval of a share. */
    private static String interval(Score score) {
        double n = score.samples();
        double z2 = NORMAL_95 * NORMAL_95;
        double p = score.after();
        double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
        double half = NORMAL_95 * Math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
        return "95 % interval " + HtmlText.number("%.2f", 100 * (middle - half)) + " to "
                + HtmlText.number("%.2f", 100 * (middle + half));
    }

    private void layers(ReportCharts charts) {
        if (report.layers().isEmpty()) {
            return;
        }
        out.append("<section class=\"wide\"><h2>Layers</h2>")
                .append("<p class=\"soft\">Each layer that a step has looked at, in the order of the steps.</p>");
        charts.strip();
        out.append("<table class=\"layers\"><thead><tr><th>Layer</th><th>Technique</th><th class=\"n\">Bits</th>")
                .append("<th class=\"n\">Zeros</th><th>SQNR</th><th>Remark</th></tr></thead><tbody>\n");
        for (LayerReport layer : report.layers()) {
            out.append(layer.kept() ? "<tr class=\"kept\">" : "<tr>");
            cell("name", "Layer", HtmlText.escaped(layer.name()));
            cell("", "Technique", HtmlText.escaped(layer.technique()));
            cell("n", "Bits", layer.bits() + "");
            cell("n", "Zeros", HtmlText.number("%.0f %%", 100 * layer.sparsity()));
            cell("", "SQNR", sqnr(layer.sqnr()));
            String pill = layer.kept() ? "<span class=\"pill\">left as it was</span> " : "";
            cell(
                    "why",
                    "Remark",
                    pill.isEmpty() && layer.reason().isEmpty()
                            ? ""
                            : "<span>" + pill + HtmlText.escaped(layer.reason()) + "</span>");
            out.append("</tr>\n");
        }
        out.append("</tbody></table></section>\n");
    }

    private void cell(String style, String label, String html) {
        out.append("<td").append(style.isEmpty() ? "" : " class=\"" + style + "\"");
        out.append(" data-l=\"").append(label).append("\">").append(html).append("</td>");
    }

    private static String sqnr(OptionalDouble sqnr) {
        if (sqnr.isEmpty()) {
            return "";
        }
        double share = Math.clamp(sqnr.getAsDouble() / MOST_SQNR, 0, 1);
        return "<span class=\"nw\"><span class=\"meter\"><i style=\"width:" + HtmlText.number("%.0f", 100 * share)
                + "%\"></i></span>"
                + (Double.isInfinite(sqnr.getAsDouble()) ? "no noise" : HtmlText.number("%.1f dB", sqnr.getAsDouble()))
                + "</span>";
    }

    private void skipped() {
        Map<String, StringBuilder> byReason = new LinkedHashMap<>();
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (LayerReport layer : report.layers()) {
            if (layer.kept()) {
                String reason = layer.technique() + ": " + (layer.reason().isEmpty() ? "no reason" : layer.reason());
                StringBuilder names = byReason.computeIfAbsent(reason, r -> new StringBuilder());
                names.append(names.isEmpty() ? "" : ", ")
                        .append("<code>")
                        .append(HtmlText.escaped(layer.name()))
                        .append("</code>");
                counts.merge(reason, 1, Integer::sum);
            }
        }
        if (byReason.isEmpty()) {
            return;
        }
        out.append("<section class=\"wide\"><h2>Left as it was</h2><ul>");
        byReason.forEach((reason, names) -> out.append("<li><b>")
                .append(HtmlText.escaped(reason))
                .append("</b> (")
                .append(counts.get(reason))
                .append("): ")
                .append(names)
                .append("</li>"));
        out.append("</ul></section>\n");
    }

    private void foot() {
        Details details = report.details();
        Machine machine = details.machine();
        List<String> facts = List.of(
                "CPU " + machine.cpu(),
                machine.processors() + (machine.processors() == 1 ? " processor" : " processors"),
                "Java " + machine.java(),
                "Tenon " + machine.tenon(),
                "seed " + report.seed());
        out.append("<footer>");
        hash("calibration data", details.evidence().calibrationHash());
        hash("evaluation data", details.evidence().evaluationHash());
        hash("test set", details.evidence().test().map(CompressionReport.Tested::hash));
        facts.forEach(
                fact -> out.append("<span>").append(HtmlText.escaped(fact)).append("</span>"));
        out.append("</footer>");
    }

    private void hash(String data, Optional<String> hash) {
        hash.ifPresent(h -> out.append("<span class=\"hash\">SHA-256 of the ")
                .append(data)
                .append(" <code>")
                .append(HtmlText.escaped(h))
                .append("</code></span>"));
    }
}
