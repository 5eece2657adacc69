package dev.tenon.compression;

import dev.tenon.compression.metric.Changes;
import dev.tenon.compression.page.GraphDrawing;
import dev.tenon.compression.page.HtmlText;
import dev.tenon.compression.page.SmallCharts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The charts of a report's page that show the graph, the ranges of its values, changes of samples and classes, and trainings. */
final class EvidenceCharts {
    private static final int MOST_NODES = 300;
    private static final int MOST_BARS = 200;
    private static final int MOST_COLOURS = 8;
    private static final int MOST_NAME = 48;
    private static final int MOST_CHARTS = 24;
    private static final int MOST_CLASSES = 40;

    private final CompressionReport report;
    private final ReportCharts charts;
    private final StringBuilder out;

    EvidenceCharts(CompressionReport report, ReportCharts charts, StringBuilder out) {
        this.report = report;
        this.charts = charts;
        this.out = out;
    }

    /** The graph, with layers in the colour of their techniques; or a bar for each layer if there are too many nodes. */
    void graph() {
        List<CompressionReport.GraphNode> nodes = report.details().evidence().nodes();
        if (nodes.isEmpty() || report.layers().isEmpty()) {
            return;
        }
        Map<String, String> techniques = new LinkedHashMap<>();
        for (LayerReport layer : report.layers()) {
            if (layer.kept()) {
                techniques.putIfAbsent(layer.name(), "");
            } else {
                techniques.merge(
                        layer.name(),
                        layer.technique(),
                        (old, more) -> old.isEmpty() || old.equals(more) ? more : old + " + " + more);
            }
        }
        List<String> colours = techniques.values().stream()
                .filter(t -> !t.isEmpty())
                .distinct()
                .toList();
        boolean isDrawn = nodes.size() <= MOST_NODES;
        charts.section(
                "wide",
                "Graph",
                "The model before compression. Layers have the colour of the technique that was applied to them"
                        + (isDrawn ? "." : "; bars are their weights, and the graph is too large to be drawn."));
        out.append("<div class=\"legend\">");
        for (String technique : colours) {
            out.append("<span><i class=\"")
                    .append(colour(technique, colours))
                    .append("\"></i>")
                    .append(HtmlText.escaped(technique))
                    .append("</span>");
        }
        if (techniques.containsValue("")) {
            out.append("<span><i class=\"kept\"></i>left as it was</span>");
        }
        out.append("</div>");
        if (isDrawn) {
            drawing(nodes, techniques, colours);
        } else {
            bars(nodes, techniques, colours);
        }
        out.append("</section>\n");
    }

    /** The style of a technique; of a layer that was left if it is empty, and of another node if it is null. */
    private static String colour(String technique, List<String> colours) {
        return technique == null
                ? "plain"
                : technique.isEmpty() ? "kept" : "t" + Math.min(MOST_COLOURS - 1, colours.indexOf(technique));
    }

    private void drawing(
            List<CompressionReport.GraphNode> nodes, Map<String, String> techniques, List<String> colours) {
        List<GraphDrawing.Node> drawn = new ArrayList<>();
        for (CompressionReport.GraphNode node : nodes) {
            String technique = techniques.get(node.name());
            String about = technique == null ? "" : technique.isEmpty() ? ", left as it was" : ", " + technique;
            drawn.add(new GraphDrawing.Node(
                    technique == null ? node.operator() : node.name(),
                    node.name() + ": " + node.operator() + about,
                    colour(technique, colours),
                    node.sources()));
        }
        out.append("<div class=\"scroll\">")
                .append(GraphDrawing.of(drawn, "the graph, layers coloured by technique"))
                .append("</div>");
    }

    private void bars(List<CompressionReport.GraphNode> nodes, Map<String, String> techniques, List<String> colours) {
        List<CompressionReport.GraphNode> layers =
                nodes.stream().filter(n -> techniques.containsKey(n.name())).toList();
        double most = Math.max(
                1,
                layers.stream()
                        .mapToLong(CompressionReport.GraphNode::weights)
                        .max()
                        .orElse(1));
        out.append("<div class=\"rows\">");
        for (CompressionReport.GraphNode node : layers.subList(0, Math.min(MOST_BARS, layers.size()))) {
            String name = HtmlText.escaped(node.name());
            out.append("<span class=\"name\" title=\"").append(name).append("\">");
            out.append(HtmlText.escaped(HtmlText.end(node.name(), MOST_NAME))).append("</span><span class=\"track\">");
            charts.bar(colour(techniques.get(node.name()), colours), node.weights() / most);
            out.append("</span><span class=\"num\">")
                    .append(HtmlText.scaled(node.weights()))
                    .append("</span>");
        }
        out.append("</div>");
        if (layers.size() > MOST_BARS) {
            out.append("<p class=\"soft\">and ")
                    .append(layers.size() - MOST_BARS)
                    .append(" more</p>");
        }
    }

    /** The samples that got worst, and how each class fares. */
    void changes() {
        Changes changes = report.details().evidence().changes().orElse(new Changes(List.of(), List.of()));
        String data = report.details().evidence().test().isPresent() ? "the test set" : "the samples for evaluation";
        if (!changes.worst().isEmpty()) {
            charts.section(
                    changes.classes().isEmpty() ? "wide" : "",
                    "Samples that got worst",
                    "The " + changes.worst().size() + " of " + data
                            + " whose outputs changed most; those that are wrong now come first.");
            worst(changes.worst());
            out.append("</section>\n");
        }
        if (!changes.classes().isEmpty()) {
            charts.section(
                    changes.worst().isEmpty() ? "wide" : "",
                    "Changes by class",
                    "Samples of " + data
                            + " that are right before and after, and those that only one model has right.");
            classes(changes.classes());
            out.append("</section>\n");
        }
    }

    private void worst(List<Changes.Sample> samples) {
        boolean areClasses = samples.getFirst().label() >= 0;
        out.append("<table class=\"numbers\"><thead><tr><th>Sample</th>")
                .append(areClasses ? "<th class=\"n\">Label</th><th class=\"n\">Before → after</th>" : "")
                .append("<th class=\"n\">KL</th><th class=\"n\">Noise</th></tr></thead><tbody>\n");
        for (Changes.Sample sample : samples) {
            out.append("<tr>");
            HtmlText.cell(out, "name", "Sample", sample.index() + "");
            if (areClasses) {
                HtmlText.cell(out, "n", "Label", sample.label() + "");
                HtmlText.cell(
                        out,
                        "n",
                        "Before → after",
                        "<span class=\"" + (sample.isLost() ? "bad" : sample.isWon() ? "good" : "") + "\">"
                                + sample.before() + " → " + sample.after() + "</span>");
            }
            HtmlText.cell(out, "n", "KL", HtmlText.number("%.2g", sample.divergence()));
            HtmlText.cell(out, "n", "Noise", HtmlText.number("%.2g %%", 100 * sample.noise()));
            out.append("</tr>\n");
        }
        out.append("</tbody></table>");
    }

    private void classes(List<Changes.OfClass> all) {
        List<Changes.OfClass> shown = new ArrayList<>(all);
        if (all.size() > MOST_CLASSES) {
            shown.sort(Comparator.comparingLong((Changes.OfClass c) -> c.won() - c.lost()));
            shown = shown.subList(0, MOST_CLASSES);
        }
        out.append("<table class=\"numbers\"><thead><tr><th>Class</th><th class=\"n\">Samples</th>")
                .append(
                        "<th class=\"n\">Right before → after</th><th class=\"n\">Lost</th><th class=\"n\">Won</th></tr></thead>")
                .append("<tbody>\n");
        for (Changes.OfClass c : shown) {
            out.append("<tr>");
            HtmlText.cell(out, "name", "Class", c.label() + "");
            HtmlText.cell(out, "n", "Samples", c.samples() + "");
            HtmlText.cell(out, "n", "Right before → after", c.before() + " → " + c.after());
            HtmlText.cell(
                    out, "n", "Lost", "<span" + (c.lost() > 0 ? " class=\"bad\"" : "") + ">" + c.lost() + "</span>");
            HtmlText.cell(out, "n", "Won", c.won() + "");
            out.append("</tr>\n");
        }
        out.append("</tbody></table>");
        if (shown.size() < all.size()) {
            out.append("<p class=\"soft\">and ")
                    .append(all.size() - shown.size())
                    .append(" more, which lose less</p>");
        }
    }

    /** The values of activations, and the ranges that were chosen for them: those that clip the most first. */
    void activations() {
        List<CompressionReport.ActivationRange> all =
                new ArrayList<>(report.details().evidence().activations());
        if (all.isEmpty()) {
            return;
        }
        all.sort(Comparator.comparingDouble(a -> -(double) a.clipped() / Math.max(1, a.count())));
        List<CompressionReport.ActivationRange> shown = all.subList(0, Math.min(MOST_CHARTS, all.size()));
        charts.section(
                "wide",
                "Ranges of activations",
                "Values that calibration has seen, on a logarithmic scale, and lines where they are clipped. "
                        + (all.size() > shown.size()
                                ? shown.size() + " of " + all.size() + " activations, those that clip the most."
                                : "Those that clip the most come first."));
        out.append("<div class=\"charts\">");
        for (CompressionReport.ActivationRange a : shown) {
            double share = (double) a.clipped() / Math.max(1, a.count());
            figure(
                    a.value(),
                    SmallCharts.histogram(
                            a.bins(), a.least(), a.greatest(), a.low(), a.high(), "values of " + a.value()),
                    HtmlText.number("seen %.3g", a.least()) + HtmlText.number(" to %.3g", a.greatest()),
                    HtmlText.number("chosen %.3g", a.low())
                            + HtmlText.number(" to %.3g", a.high())
                            + HtmlText.number(", clipped %.2g %%", 100 * share));
        }
        out.append("</div></section>\n");
    }

    /** The ranges of channels before and after they were equalised. */
    void channels() {
        List<CompressionReport.ChannelRanges> all = report.details().evidence().channels();
        if (all.isEmpty()) {
            return;
        }
        List<CompressionReport.ChannelRanges> shown = all.subList(0, Math.min(MOST_CHARTS, all.size()));
        charts.section(
                "wide",
                "Equalised channels",
                ReportCharts.legend("b", "before", "a", "after")
                        + " The largest weight of each channel as a share of the largest of the layer. "
                        + (all.size() > shown.size()
                                ? "The first " + shown.size() + " of " + all.size() + " pairs of layers."
                                : ""));
        out.append("<div class=\"charts\">");
        for (CompressionReport.ChannelRanges c : shown) {
            figure(
                    c.first() + " → " + c.second(),
                    SmallCharts.profile(c.before(), c.after(), "channels of " + c.first()),
                    c.before().size() + " channels",
                    HtmlText.number("mean of the largest %.2f", fill(c.before()))
                            + HtmlText.number(" → %.2f", fill(c.after())));
        }
        out.append("</div></section>\n");
    }

    /** The losses of each training. */
    void trainings() {
        List<CompressionReport.Training> all = report.details().evidence().trainings();
        if (all.isEmpty()) {
            return;
        }
        charts.section(
                "wide",
                "Training",
                ReportCharts.legend("b", "loss of the steps", "a", "loss on samples that no step sees")
                        + " Before training, then after each epoch, each as a share of its largest.");
        out.append("<div class=\"charts\">");
        for (CompressionReport.Training t : all) {
            CompressionReport.Training.Agreement of = t.agreement();
            double points = of.kind().equals("classes") ? 100 : 1;
            List<String> lines = new ArrayList<>(List.of(
                    (t.epochs().size() - 1) + " epochs, the best is " + t.best() + ", "
                            + HtmlText.number("%.0f s", t.seconds()),
                    HtmlText.number("loss %.4g → ", t.epochs().getFirst().judged())
                            + HtmlText.number("%.4g", t.epochs().get(t.best()).judged()),
                    of.kind() + HtmlText.number(" as the teacher %.4g → ", points * of.before())
                            + HtmlText.number("%.4g", points * of.after()) + " of " + of.samples() + " samples",
                    t.trained().size() + " constants trained, " + t.frozen().size() + " frozen"));
            lines.addAll(t.notes());
            figure(
                    t.step(),
                    SmallCharts.profile(
                            losses(t, CompressionReport.Training.Epoch::training),
                            losses(t, CompressionReport.Training.Epoch::judged),
                            "losses of " + t.step()),
                    lines.toArray(String[]::new));
        }
        out.append("</div></section>\n");
    }

    /** Losses as a line; those that are no numbers are 0. */
    private static List<Double> losses(
            CompressionReport.Training training, ToDoubleFunction<CompressionReport.Training.Epoch> loss) {
        return training.epochs().stream()
                .map(epoch -> Double.isFinite(loss.applyAsDouble(epoch)) ? loss.applyAsDouble(epoch) : 0)
                .toList();
    }

    /** The mean of some numbers as a share of the largest. */
    private static double fill(List<Double> values) {
        double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        return most > 0 ? mean / most : 0;
    }

    private void figure(String name, String svg, String... lines) {
        String escaped = HtmlText.escaped(name);
        out.append("<figure><figcaption title=\"").append(escaped).append("\">").append(escaped);
        out.append("</figcaption>").append(svg);
        for (String line : lines) {
            out.append("<div class=\"soft\">").append(HtmlText.escaped(line)).append("</div>");
        }
        out.append("</figure>\n");
    }
}
