package dev.tenon.compression;

import dev.tenon.compression.page.HtmlText;
import dev.tenon.compression.page.Treemap;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The charts of a report's page. */
final class ReportCharts {
    private static final int MOST_ROWS = 40;
    private static final int MOST_TILES = 120;
    private static final int MOST_OPERATORS = 12;
    private static final double MAP_ASPECT = 16.0 / 7;
    private static final double LEAST_LABEL_WIDTH = 0.2;
    private static final double LEAST_LABEL_HEIGHT = 0.12;
    private static final int WIDTH = 380;
    private static final int HEIGHT = 270;
    private static final int LEFT = 46;
    private static final int BOTTOM = 34;
    private static final int MARGIN = 14;

    private final CompressionReport report;
    private final StringBuilder out;

    ReportCharts(CompressionReport report, StringBuilder out) {
        this.report = report;
        this.out = out;
    }

    /** The style and the name of a group of element types. */
    private enum Precision {
        F32("f32", "float32 and wider"),
        F16("f16", "float16"),
        BF16("bf16", "bfloat16"),
        I8("i8", "8-bit integers"),
        I4("i4", "4-bit and narrower"),
        I32("i32", "wider integers"),
        OTHER("other", "other types");

        private final String style;
        private final String text;

        Precision(String style, String text) {
            this.style = style;
            this.text = text;
        }

        static Precision of(DType type) {
            return switch (type) {
                case FLOAT32, FLOAT64 -> F32;
                case FLOAT16 -> F16;
                case BFLOAT16 -> BF16;
                case INT8, UINT8 -> I8;
                case INT4, UINT4, INT2, UINT2 -> I4;
                case INT16, UINT16, INT32, UINT32, INT64, UINT64 -> I32;
                default -> OTHER;
            };
        }
    }

    private static String percent(double share) {
        return HtmlText.number("%.2f%%", 100 * share);
    }

    /** Begins a section. */
    void section(String style, String title, String about) {
        out.append("<section")
                .append(style.isEmpty() ? "" : " class=\"" + style + "\"")
                .append("><h2>")
                .append(title);
        out.append("</h2><p class=\"soft\">").append(about).append("</p>\n");
    }

    /** Bytes by precision before and after, and the constants of the result as a map. */
    void precision() {
        List<StoredTensor> before = report.details().constantsBefore();
        List<StoredTensor> after = report.details().constantsAfter();
        Map<Precision, Long> ofBefore = sums(before);
        Map<Precision, Long> ofAfter = sums(after);
        long most = Math.max(1, Math.max(total(ofBefore), total(ofAfter)));
        section("wide", "Bytes by precision", "Constants of the graph: weights, scales and zero points.");
        out.append("<div class=\"bars\">");
        stack("before", ofBefore, most);
        stack("after", ofAfter, most);
        out.append("</div><div class=\"legend\">");
        for (Precision p : Precision.values()) {
            if (ofBefore.containsKey(p) || ofAfter.containsKey(p)) {
                out.append("<span><i class=\"")
                        .append(p.style)
                        .append("\"></i>")
                        .append(p.text)
                        .append(": ");
                out.append(HtmlText.bytes(ofBefore.getOrDefault(p, 0L))).append(" → ");
                out.append(HtmlText.bytes(ofAfter.getOrDefault(p, 0L))).append("</span>");
            }
        }
        out.append("</div>");
        map(after);
        out.append("</section>\n");
    }

    private static Map<Precision, Long> sums(List<StoredTensor> constants) {
        Map<Precision, Long> sums = new LinkedHashMap<>();
        for (StoredTensor t : constants) {
            sums.merge(Precision.of(t.type()), t.bytes(), Long::sum);
        }
        return sums;
    }

    private static long total(Map<Precision, Long> sums) {
        return sums.values().stream().mapToLong(Long::longValue).sum();
    }

    private void stack(String name, Map<Precision, Long> sums, long most) {
        out.append("<span>").append(name).append("</span><span class=\"stack\">");
        for (Precision p : Precision.values()) {
            long bytes = sums.getOrDefault(p, 0L);
            if (bytes > 0) {
                out.append("<i class=\"").append(p.style).append("\" style=\"width:");
                out.append(percent((double) bytes / most)).append("\"></i>");
            }
        }
        out.append("</span><span>").append(HtmlText.bytes(total(sums))).append("</span>");
    }

    private void map(List<StoredTensor> constants) {
        List<StoredTensor> sorted = new ArrayList<>(constants);
        sorted.removeIf(t -> t.bytes() == 0);
        sorted.sort(Comparator.comparingLong((StoredTensor t) -> -t.bytes()));
        if (sorted.isEmpty()) {
            return;
        }
        List<StoredTensor> shown = new ArrayList<>(sorted.subList(0, Math.min(sorted.size(), MOST_TILES)));
        long rest = sorted.stream()
                .skip(shown.size())
                .mapToLong(StoredTensor::bytes)
                .sum();
        if (rest > 0) {
            shown.add(new StoredTensor((sorted.size() - shown.size()) + " more", DType.STRING, 0, rest));
        }
        double[] sizes = shown.stream().mapToDouble(StoredTensor::bytes).toArray();
        List<Treemap.Box> boxes = Treemap.of(sizes, MAP_ASPECT);
        out.append("<div class=\"map\" role=\"img\" aria-label=\"bytes of each constant after compression\">");
        for (int i = 0; i < shown.size(); i++) {
            StoredTensor t = shown.get(i);
            Treemap.Box box = boxes.get(i);
            boolean hasRoom = box.width() > LEAST_LABEL_WIDTH && box.height() > LEAST_LABEL_HEIGHT;
            String about = hasRoom ? HtmlText.escaped(t.name()) + "<span>" + HtmlText.bytes(t.bytes()) + "</span>" : "";
            out.append("<div class=\"").append(Precision.of(t.type()).style).append("\" style=\"left:");
            out.append(percent(box.x() / MAP_ASPECT))
                    .append(";top:")
                    .append(percent(box.y()))
                    .append(";width:");
            out.append(percent(box.width() / MAP_ASPECT)).append(";height:").append(percent(box.height()));
            out.append("\" title=\"").append(HtmlText.escaped(t.name())).append(", ");
            out.append(HtmlText.escaped(t.type().text())).append(", ").append(HtmlText.bytes(t.bytes()));
            out.append("\">").append(about).append("</div>");
        }
        out.append("</div>");
    }

    /** Size and loss of the models that a search has tried. */
    void trials() {
        List<Trial> all = report.details().trials();
        if (all.isEmpty()) {
            return;
        }
        section(
                report.latency().isPresent() ? "" : "wide",
                "Trials",
                "Models that the search has tried. The line joins those that no other beats in size and loss.");
        List<Trial> judged = all.stream().filter(t -> Double.isFinite(t.loss())).toList();
        if (!judged.isEmpty()) {
            points(judged);
        }
        table(all);
        out.append("</section>\n");
    }

    /** Points of trials whose losses are numbers. */
    private void points(List<Trial> trials) {
        double mostSize = trials.stream().mapToDouble(Trial::sizeBytes).max().orElse(1);
        double leastLoss =
                Math.min(0, trials.stream().mapToDouble(Trial::loss).min().orElse(0));
        double mostLoss = trials.stream().mapToDouble(Trial::loss).max().orElse(1);
        double range = mostLoss > leastLoss ? mostLoss - leastLoss : 1;
        out.append("<svg viewBox=\"0 0 ")
                .append(WIDTH)
                .append(' ')
                .append(HEIGHT)
                .append("\" role=\"img\" aria-label=\"");
        out.append("loss against size of all trials\">");
        axes(mostSize, leastLoss, mostLoss, "loss");
        List<Trial> front = front(trials);
        StringBuilder line = new StringBuilder();
        for (Trial t : front) {
            line.append(line.isEmpty() ? "" : " ");
            line.append(point(t.sizeBytes() / mostSize, (t.loss() - leastLoss) / range));
        }
        out.append("<polyline class=\"line\" points=\"").append(line).append("\"/>");
        for (Trial t : trials) {
            String[] at = point(t.sizeBytes() / mostSize, (t.loss() - leastLoss) / range)
                    .split(",");
            String style = t.isChosen() ? "chosen" : front.contains(t) ? "front" : "dot";
            out.append("<circle class=\"")
                    .append(style)
                    .append("\" cx=\"")
                    .append(at[0])
                    .append("\" cy=\"");
            out.append(at[1])
                    .append("\" r=\"")
                    .append(t.isChosen() ? "5.5" : "3.5")
                    .append("\"><title>");
            out.append(HtmlText.escaped(t.name()))
                    .append(": ")
                    .append(HtmlText.bytes(t.sizeBytes()))
                    .append(", ");
            out.append(HtmlText.number("%.3g", t.loss())).append(latency(t)).append("</title></circle>");
        }
        out.append("</svg>");
    }

    /** Each trial with its cost, to be unfolded. */
    private void table(List<Trial> trials) {
        out.append("<details><summary>All ").append(trials.size()).append(" trials</summary><table class=\"layers\">");
        out.append("<thead><tr><th>Trial</th><th class=\"n\">Size</th><th>Loss</th><th class=\"n\">Time of a call</th>")
                .append("<th class=\"n\">Made in</th></tr></thead><tbody>\n");
        double floor = report.details().options().allowedLoss();
        for (Trial t : trials) {
            out.append("<tr>");
            HtmlText.cell(
                    out,
                    "name",
                    "Trial",
                    HtmlText.escaped(t.name()) + (t.isChosen() ? " <span class=\"pill\">chosen</span>" : ""));
            HtmlText.cell(out, "n", "Size", t.score().isEmpty() ? "" : HtmlText.bytes(t.sizeBytes()));
            HtmlText.cell(
                    out,
                    "why",
                    "Loss",
                    t.score()
                            .map(s -> "<span>" + HtmlText.number("%.2g", s.loss()) + ReportPage.margin(s) + ", "
                                    + s.verdict(floor).text() + "</span>")
                            .orElse("<span>" + HtmlText.escaped(t.failure()) + "</span>"));
            HtmlText.cell(out, "n", "Time of a call", shown("%.3f ms", t.latencyMillis()));
            HtmlText.cell(out, "n", "Made in", shown("%.1f s", t.seconds()));
            out.append("</tr>\n");
        }
        out.append("</tbody></table></details>");
    }

    private static String shown(String format, OptionalDouble number) {
        return number.isPresent() ? HtmlText.number(format, number.getAsDouble()) : "";
    }

    private static String latency(Trial t) {
        return t.latencyMillis().isPresent()
                ? HtmlText.number(", %.3f ms", t.latencyMillis().getAsDouble())
                : "";
    }

    /** The place of a share of the width and of the height, from the corner of both axes. */
    private static String point(double x, double y) {
        double width = WIDTH - LEFT - MARGIN;
        double height = HEIGHT - BOTTOM - MARGIN;
        return HtmlText.number("%.1f", LEFT + x * width) + "," + HtmlText.number("%.1f", HEIGHT - BOTTOM - y * height);
    }

    private void axes(double mostSize, double leastLoss, double mostLoss, String yName) {
        for (int i = 0; i <= 4; i++) {
            double share = i / 4.0;
            String[] left = point(0, share).split(",");
            String[] right = point(1, share).split(",");
            String[] below = point(share, 0).split(",");
            double loss = leastLoss + share * (mostLoss > leastLoss ? mostLoss - leastLoss : 1);
            out.append("<line class=\"axis\" x1=\"")
                    .append(left[0])
                    .append("\" y1=\"")
                    .append(left[1]);
            out.append("\" x2=\"")
                    .append(right[0])
                    .append("\" y2=\"")
                    .append(right[1])
                    .append("\"/>");
            text(LEFT - 6, Double.parseDouble(left[1]) + 4, "end", HtmlText.number("%.2g", loss));
            text(
                    Double.parseDouble(below[0]),
                    HEIGHT - BOTTOM + 15,
                    i == 4 ? "end" : "middle",
                    HtmlText.bytes(share * mostSize));
        }
        text(LEFT, 9, "start", yName);
        text(WIDTH - MARGIN, HEIGHT - 4, "end", "size");
    }

    private void text(double x, double y, String anchor, String text) {
        out.append("<text x=\"").append(HtmlText.number("%.1f", x)).append("\" y=\"");
        out.append(HtmlText.number("%.1f", y))
                .append("\" text-anchor=\"")
                .append(anchor)
                .append("\">");
        out.append(HtmlText.escaped(text)).append("</text>");
    }

    /** The trials that no other beats in both size and loss, by rising size. */
    static List<Trial> front(List<Trial> trials) {
        List<Trial> sorted = new ArrayList<>(trials);
        sorted.sort(Comparator.comparingLong(Trial::sizeBytes).thenComparingDouble(Trial::loss));
        List<Trial> front = new ArrayList<>();
        double best = Double.POSITIVE_INFINITY;
        for (Trial t : sorted) {
            if (t.loss() < best) {
                front.add(t);
                best = t.loss();
            }
        }
        return front;
    }

    /** The loss and the size after each step. */
    void stages() {
        List<CompressionReport.Stage> stages = report.details().stages();
        if (stages.isEmpty()) {
            return;
        }
        long mostBytes = report.sizeBytes().before();
        double mostLoss = Double.MIN_NORMAL;
        for (CompressionReport.Stage stage : stages) {
            mostBytes = Math.max(mostBytes, stage.sizeBytes());
            mostLoss = Math.max(mostLoss, Math.abs(stage.loss()));
        }
        section("wide", "Step by step", legend("a", "size", "s", "loss"));
        out.append("<div class=\"rows\">");
        row(
                "before",
                "a",
                (double) report.sizeBytes().before() / mostBytes,
                "s",
                0,
                HtmlText.bytes(report.sizeBytes().before()));
        for (CompressionReport.Stage stage : stages) {
            double share = Double.isFinite(stage.loss()) ? Math.max(0, stage.loss() / mostLoss) : 1;
            row(
                    stage.step(),
                    "a",
                    (double) stage.sizeBytes() / mostBytes,
                    "s",
                    share,
                    HtmlText.bytes(stage.sizeBytes()) + ", " + HtmlText.number("%.3g", stage.loss()));
        }
        out.append("</div></section>\n");
    }

    /** A square for each layer, in the colour of the precision of its weights. */
    void strip() {
        out.append("<div class=\"strip\" role=\"img\" aria-label=\"precision of the layers in their order\">");
        for (LayerReport layer : report.layers()) {
            Precision precision =
                    switch (layer.bits()) {
                        case Float.SIZE, Double.SIZE -> Precision.F32;
                        case Short.SIZE -> Precision.F16;
                        default ->
                            layer.bits() <= Byte.SIZE / 2
                                    ? Precision.I4
                                    : layer.bits() <= Byte.SIZE ? Precision.I8 : Precision.OTHER;
                    };
            out.append("<i class=\"").append(precision.style).append("\" title=\"");
            out.append(HtmlText.escaped(layer.name()))
                    .append(", ")
                    .append(layer.bits())
                    .append(" bits\"></i>");
        }
        out.append("</div>");
    }

    /** The time of operators before and after. */
    void operators() {
        if (report.latency().isEmpty() || report.latency().get().operators().isEmpty()) {
            return;
        }
        List<CompressionReport.OperatorTime> times = report.latency().get().operators();
        double most = times.stream()
                .mapToDouble(t -> Math.max(t.beforeMillis(), t.afterMillis()))
                .max()
                .orElse(1);
        section(
                report.details().trials().isEmpty() ? "wide" : "",
                "Time by operator",
                legend("b", "before", "a", "after"));
        out.append("<div class=\"rows\">");
        for (CompressionReport.OperatorTime t : times.subList(0, Math.min(MOST_OPERATORS, times.size()))) {
            String numbers = HtmlText.number("%.3f → ", t.beforeMillis()) + HtmlText.number("%.3f ms", t.afterMillis());
            row(t.operator(), "b", t.beforeMillis() / most, "a", t.afterMillis() / most, numbers);
        }
        out.append("</div></section>\n");
    }

    /** How much each layer matters. */
    void sensitivities() {
        List<Sensitivity> all = new ArrayList<>(report.details().sensitivities());
        if (all.isEmpty()) {
            return;
        }
        all.sort(Comparator.comparingDouble((Sensitivity s) ->
                -Math.max(s.weights().orElse(0), s.activations().orElse(0))));
        double most = Math.max(
                Double.MIN_NORMAL,
                all.stream()
                        .mapToDouble(s ->
                                Math.max(s.weights().orElse(0), s.activations().orElse(0)))
                        .max()
                        .orElse(1));
        section(
                "wide",
                "Sensitivity of layers",
                legend("a", "weights alone", "s", "activations alone")
                        + " KL in nats from the model before compression, the most sensitive layers first.");
        out.append("<div class=\"rows\">");
        for (Sensitivity s : all.subList(0, Math.min(MOST_ROWS, all.size()))) {
            row(
                    s.layer() + " (" + s.technique() + ")",
                    "a",
                    s.weights().orElse(0) / most,
                    "s",
                    s.activations().orElse(0) / most,
                    value(s.weights()) + " / " + value(s.activations()));
        }
        out.append("</div></section>\n");
    }

    private static String value(OptionalDouble value) {
        return value.isPresent() ? HtmlText.number("%.2g", value.getAsDouble()) : "–";
    }

    /** The legend of two colours. */
    static String legend(String first, String firstName, String second, String secondName) {
        return "<span class=\"legend\"><span><i class=\"" + first + "\"></i>" + firstName + "</span><span><i class=\""
                + second + "\"></i>" + secondName + "</span></span>";
    }

    private void row(String name, String first, double ofFirst, String second, double ofSecond, String numbers) {
        String escaped = HtmlText.escaped(name);
        out.append("<span class=\"name\" title=\"")
                .append(escaped)
                .append("\">")
                .append(escaped)
                .append("</span>");
        out.append("<span class=\"track\">");
        bar(first, ofFirst);
        bar(second, ofSecond);
        out.append("</span><span class=\"num\">").append(numbers).append("</span>");
    }

    /** A bar. */
    void bar(String style, double share) {
        out.append("<i class=\"").append(style).append(share > 0 ? "" : " none");
        out.append("\" style=\"width:").append(percent(share)).append("\"></i>");
    }
}
