package dev.tenon.compression;

import dev.tenon.compression.CompressionReport.Change;
import dev.tenon.compression.CompressionReport.Details;
import dev.tenon.compression.metric.Verdict;
import dev.tenon.compression.page.HtmlPage;
import dev.tenon.compression.page.HtmlText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** A report as a web page: a template with its style, and a body that is made here. */
final class ReportPage {
    private static final double MOST_SQNR = 60;
    private static final double NORMAL_95 = 1.959963984540054;

    private final CompressionReport report;
    private final StringBuilder out = new StringBuilder();

    private ReportPage(CompressionReport report) {
        this.report = report;
    }

    static String of(CompressionReport report) {
        return HtmlPage.of(report.model() + ", compressed", new ReportPage(report).body());
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
        evidence.changes();
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
        } else if (Double.isFinite(report.details().options().allowedLoss())
                && Stream.concat(
                                report.score().stream(),
                                report.details().evidence().test().stream().map(CompressionReport.Tested::score))
                        .anyMatch(score ->
                                score.verdict(report.details().options().allowedLoss()) == Verdict.UNDECIDED)) {
            notice("The loss is allowed, but its margin is not: more samples would tell.");
        }
        if (report.latency().map(t -> !t.isWarm()).orElse(false)) {
            notice("The models were still warming up when their times were taken: both times are too long.");
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
                        spread("before", t.before()),
                        spread("after", t.after()),
                        "one sample, " + t.threads() + (t.threads() == 1 ? " thread" : " threads")
                                + (t.load().isPresent()
                                        ? HtmlText.number(
                                                ", load %.1f", t.load().getAsDouble())
                                        : "")));
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

    private static String spread(String name, CompressionReport.Spread times) {
        return name
                + HtmlText.number(": 8 of 10 rounds take %.3f", times.lowMillis())
                + HtmlText.number(" to %.3f ms", times.highMillis());
    }

    private void metric(String title, Score score) {
        double loss = score.loss();
        String change = HtmlText.number("%.2g", Math.abs(loss)) + (loss < 0 ? " gained" : " lost");
        tile(
                title + HtmlText.escaped(score.metric()),
                HtmlText.number("%.4g", score.after()),
                change + margin(score),
                verdict(score),
                score.metric().equals("top1") ? interval(score) : "before " + HtmlText.number("%.4g", score.before()),
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

    /** The margin of a loss. */
    static String margin(Score score) {
        return Double.isNaN(score.margin())
                ? ", margin unknown"
                : " ± " + HtmlText.number("%.2g", score.margin())
                        + percent(score.interval().confidence());
    }

    private String verdict(Score score) {
        double floor = report.details().options().allowedLoss();
        Verdict verdict = score.verdict(floor);
        String of = HtmlText.number(" the floor of %.2g", floor);
        return switch (verdict) {
            case WITHIN_FLOOR -> "within" + of;
            case BEYOND_FLOOR -> "beyond" + of;
            case UNDECIDED -> "undecided at" + of;
            default -> verdict.text();
        };
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
        return "95 % interval " + HtmlText.number("%.4f", middle - half) + " to "
                + HtmlText.number("%.4f", middle + half);
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
            HtmlText.cell(out, "name", "Layer", HtmlText.escaped(layer.name()));
            HtmlText.cell(out, "", "Technique", HtmlText.escaped(layer.technique()));
            HtmlText.cell(out, "n", "Bits", layer.bits() + "");
            HtmlText.cell(out, "n", "Zeros", HtmlText.number("%.0f %%", 100 * layer.sparsity()));
            HtmlText.cell(out, "", "SQNR", sqnr(layer.sqnr()));
            String pill = layer.kept() ? "<span class=\"pill\">left as it was</span> " : "";
            HtmlText.cell(
                    out,
                    "why",
                    "Remark",
                    pill.isEmpty() && layer.reason().isEmpty()
                            ? ""
                            : "<span>" + pill + HtmlText.escaped(layer.reason()) + "</span>");
            out.append("</tr>\n");
        }
        out.append("</tbody></table></section>\n");
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
                "seed " + report.seed(),
                "floor "
                        + (Double.isFinite(details.options().allowedLoss())
                                ? HtmlText.number("%.4g", details.options().allowedLoss())
                                : "none"),
                HtmlText.number(
                                "confidence %.4g",
                                details.options().confidence().level())
                        + (details.options().confidence().isDemanded() ? ", demanded" : ""),
                details.options().objective().isEmpty()
                        ? "no search"
                        : "objective " + details.options().objective());
        out.append("<footer>");
        CompressionReport.Hashes hashes = details.evidence().hashes();
        hash("model before", Optional.of(hashes.model()));
        hash("result", Optional.of(hashes.result()));
        hash("recipe", Optional.of(hashes.recipe()));
        hash("calibration data", hashes.calibration());
        hash("evaluation data", hashes.evaluation());
        hash("test set", details.evidence().test().map(CompressionReport.Tested::hash));
        machine.tiers()
                .forEach(tier -> out.append("<span class=\"hash\">")
                        .append(HtmlText.escaped(tier))
                        .append("</span>"));
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
