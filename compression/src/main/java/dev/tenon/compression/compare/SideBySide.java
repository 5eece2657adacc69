package dev.tenon.compression.compare;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.CompressionReport;
import dev.tenon.compression.page.HtmlPage;
import dev.tenon.compression.page.HtmlText;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.AtomicFile;
import dev.tenon.formats.json.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Two compressions side by side, from their reports as JSON: the figures of both, and in which data, options, machine, layers and
 * classes they differ. Immutable.
 *
 * <pre>{@code
 * SideBySide.of(Path.of("int8.json"), Path.of("auto.json")).writeHtml(Path.of("both.html"));
 * }</pre>
 */
public final class SideBySide {
    private static final int MOST_BYTES = 1 << 26;
    private static final int MOST_NESTING = 20;
    private static final String NONE = "–";

    private final String[] names;
    private final List<Map<String, Object>> reports;

    /**
     * A line of both reports.
     *
     * @param part the part of the report: {@code figures}, {@code made of}, {@code layers} or {@code classes}
     * @param name the name of the figure, layer or class
     * @param a the text of the first report
     * @param b that of the second
     */
    public record Row(String part, String name, String a, String b) {
        /** {@return whether the reports differ here} */
        public boolean isDifferent() {
            return !a.equals(b);
        }
    }

    private SideBySide(String[] names, List<Map<String, Object>> reports) {
        this.names = names;
        this.reports = reports;
    }

    /**
     * Reads two reports.
     *
     * @param a a report, as {@link CompressionReport#writeJson} writes it
     * @param b another one
     * @return both
     * @throws CompressionException if a file can't be read, is no report, or has another version
     * @throws ResourceLimitException if it has more than 64 MiB
     */
    public static SideBySide of(Path a, Path b) {
        return new SideBySide(
                new String[] {String.valueOf(a.getFileName()), String.valueOf(b.getFileName())},
                List.of(read(a), read(b)));
    }

    private static Map<String, Object> read(Path file) {
        String text;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new ResourceLimitException(
                        file.toString(), "more than " + MOST_BYTES + " bytes", MOST_BYTES + " bytes", null);
            }
            text = new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new CompressionException(file.toString(), e.toString(), "a file that can be read", null, e);
        }
        Object value = JsonText.parse(
                text,
                MOST_NESTING,
                (found, allowed) -> new CompressionException(file.toString(), found, allowed, null));
        Map<String, Object> report = object(value);
        if (!"tenon-compression-report".equals(report.get("schema"))) {
            throw new CompressionException(
                    file.toString(), "no report of a compression", "a file of CompressionReport.writeJson", null);
        }
        if (!Objects.equals(report.get("version"), (long) CompressionReport.JSON_VERSION)) {
            throw new CompressionException(
                    file.toString(),
                    "version " + report.get("version"),
                    "version " + CompressionReport.JSON_VERSION,
                    "compress the model again");
        }
        return report;
    }

    private static Map<String, Object> object(Object value) {
        Map<String, Object> members = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, member) -> members.put((String) name, member));
        }
        return members;
    }

    private static List<Map<String, Object>> objects(Object value) {
        return value instanceof List<?> list
                ? list.stream().map(SideBySide::object).toList()
                : List.of();
    }

    /** {@return the lines of both reports; of layers and classes those that differ} */
    public List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (String figure : List.of("model", "recipe", "floor_met")) {
            row(rows, "figures", figure.replace('_', ' '), figure);
        }
        for (String figure : List.of("size_bytes", "parameters", "flops", "latency_ms")) {
            for (String side : List.of("before", "after")) {
                String path = figure + "." + side + (figure.equals("latency_ms") ? ".median" : "");
                row(rows, "figures", figure.replace('_', ' ') + " " + side, path);
            }
        }
        row(rows, "figures", "latency warm", "latency_ms.warm");
        for (String set : List.of("metric", "test")) {
            for (String member : List.of(
                    "name", "before", "after", "loss.value", "loss.low", "loss.high", "verdict", "samples", "kl")) {
                row(rows, "figures", set + " " + member.replace('.', ' '), set + "." + member);
            }
        }
        for (String part : List.of("sha256", "options", "machine")) {
            Map<String, Object> members = object(reports.get(0).get(part));
            object(reports.get(1).get(part)).forEach(members::putIfAbsent);
            members.keySet()
                    .forEach(name -> row(rows, "made of", part + " " + name.replace('_', ' '), part + "." + name));
        }
        differing(rows, "layers", named(0, "layers", SideBySide::layer), named(1, "layers", SideBySide::layer));
        differing(
                rows,
                "classes",
                named(0, "changes.classes", SideBySide::ofClass),
                named(1, "changes.classes", SideBySide::ofClass));
        return rows;
    }

    private void row(List<Row> rows, String part, String name, String path) {
        Row row = new Row(part, name, text(at(reports.get(0), path)), text(at(reports.get(1), path)));
        if (!row.a().equals(NONE) || !row.b().equals(NONE)) {
            rows.add(row);
        }
    }

    private static void differing(List<Row> rows, String part, Map<String, String> a, Map<String, String> b) {
        Map<String, String> all = new LinkedHashMap<>(a);
        b.forEach(all::putIfAbsent);
        for (String name : all.keySet()) {
            Row row = new Row(part, name, a.getOrDefault(name, NONE), b.getOrDefault(name, NONE));
            if (row.isDifferent()) {
                rows.add(row);
            }
        }
    }

    /** Turns an entry of a list into a name and a text. */
    private interface Entry {
        Map.Entry<String, String> of(Map<String, Object> members);
    }

    private Map<String, String> named(int report, String path, Entry entry) {
        Map<String, String> named = new LinkedHashMap<>();
        for (Map<String, Object> members : objects(at(reports.get(report), path))) {
            Map.Entry<String, String> one = entry.of(members);
            named.merge(one.getKey(), one.getValue(), (old, more) -> old + "; " + more);
        }
        return named;
    }

    private static Map.Entry<String, String> layer(Map<String, Object> layer) {
        boolean isKept = Boolean.TRUE.equals(layer.get("kept"));
        return Map.entry(
                text(layer.get("name")),
                isKept ? "left as it was" : text(layer.get("technique")) + ", " + text(layer.get("bits")) + " bits");
    }

    private static Map.Entry<String, String> ofClass(Map<String, Object> one) {
        return Map.entry(
                "class " + text(one.get("label")), text(one.get("lost")) + " lost, " + text(one.get("won")) + " won");
    }

    private static Object at(Map<String, Object> report, String path) {
        Object value = report;
        for (String name : path.split("\\.")) {
            value = object(value).get(name);
        }
        return value;
    }

    private static String text(Object value) {
        return switch (value) {
            case null -> NONE;
            case Double number -> String.format(Locale.ROOT, "%.4g", number);
            case Boolean truth -> truth ? "yes" : "no";
            case List<?> list ->
                String.join("; ", list.stream().map(SideBySide::text).toList());
            default -> value.toString();
        };
    }

    /**
     * Writes both as one HTML page that needs neither a network nor scripts. The file appears when it is complete.
     *
     * @param file the file, made or replaced
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     */
    public void writeHtml(Path file) {
        StringBuilder out = new StringBuilder("<h1>")
                .append(HtmlText.escaped(names[0]))
                .append(" and ")
                .append(HtmlText.escaped(names[1]))
                .append("</h1>\n<p class=\"soft\">Lines that differ are in colour.</p>\n<div class=\"grid\">\n");
        List<Row> rows = rows();
        table(out, "Figures", rows, "figures");
        table(out, "Data, options and machine", rows, "made of");
        table(out, "Layers that differ", rows, "layers");
        table(out, "Classes that differ", rows, "classes");
        AtomicFile.writeText(
                file,
                HtmlPage.of(
                        names[0] + " and " + names[1], out.append("</div>\n").toString()));
    }

    private void table(StringBuilder out, String title, List<Row> all, String part) {
        List<Row> rows = all.stream().filter(row -> row.part().equals(part)).toList();
        if (rows.isEmpty()) {
            return;
        }
        out.append("<section class=\"wide\"><h2>")
                .append(title)
                .append("</h2><table class=\"layers\"><thead><tr><th></th>");
        for (String name : names) {
            out.append("<th>").append(HtmlText.escaped(name)).append("</th>");
        }
        out.append("</tr></thead><tbody>\n");
        for (Row row : rows) {
            String style = row.isDifferent() ? "why changed" : "why";
            out.append("<tr>");
            HtmlText.cell(out, "name", "", HtmlText.escaped(row.name()));
            HtmlText.cell(out, style, HtmlText.escaped(names[0]), "<span>" + HtmlText.escaped(row.a()) + "</span>");
            HtmlText.cell(out, style, HtmlText.escaped(names[1]), "<span>" + HtmlText.escaped(row.b()) + "</span>");
            out.append("</tr>\n");
        }
        out.append("</tbody></table></section>\n");
    }
}
