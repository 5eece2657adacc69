package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.tenon.Model;
import dev.tenon.compression.compare.SideBySide;
import dev.tenon.compression.search.Objective;
import dev.tenon.compression.search.Search;
import dev.tenon.error.TenonException;
import dev.tenon.formats.json.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JSON of reports and its schema, and two reports side by side. */
class ReportSchemaTest {
    @TempDir
    private Path folder;

    /**
     * A JSON Schema, by the draft of 2020-12. It knows the keywords that the schema of reports has, and no others.
     *
     * @param root the whole schema
     */
    private record Schema(Map<?, ?> root) {
        private static final Set<String> REMARKS = Set.of("$schema", "$id", "$defs", "title", "description");

        static Schema read() throws IOException {
            Path file = Path.of(System.getProperty("tenon.root", ".."), "docs/compression-report.schema.json");
            return new Schema((Map<?, ?>) json(Files.readString(file)));
        }

        /** What is wrong with a value. */
        List<String> check(Object value) {
            List<String> wrong = new ArrayList<>();
            check("", root, value, wrong);
            return wrong;
        }

        private void check(String at, Map<?, ?> schema, Object value, List<String> wrong) {
            schema.forEach((keyword, rule) -> {
                boolean isMet =
                        switch ((String) keyword) {
                            case "type" ->
                                (rule instanceof List<?> all ? all : List.of(rule))
                                        .stream().anyMatch(type -> is((String) type, value));
                            case "const" -> rule.equals(value);
                            case "enum" -> ((List<?>) rule).contains(value);
                            case "minimum" -> !(value instanceof Number n) || n.doubleValue() >= number(rule);
                            case "maximum" -> !(value instanceof Number n) || n.doubleValue() <= number(rule);
                            case "pattern" -> !(value instanceof String text) || text.matches((String) rule);
                            case "required" ->
                                !(value instanceof Map<?, ?> map)
                                        || map.keySet().containsAll((List<?>) rule);
                            case "anyOf" ->
                                ((List<?>) rule).stream().anyMatch(one -> {
                                    List<String> inner = new ArrayList<>();
                                    check(at, (Map<?, ?>) one, value, inner);
                                    return inner.isEmpty();
                                });
                            case "$ref" -> {
                                String name = ((String) rule).replace("#/$defs/", "");
                                check(at, (Map<?, ?>) ((Map<?, ?>) root.get("$defs")).get(name), value, wrong);
                                yield true;
                            }
                            case "properties", "additionalProperties", "items" -> {
                                parts((String) keyword, at, schema, value, wrong);
                                yield true;
                            }
                            default -> REMARKS.contains(keyword);
                        };
                if (!isMet) {
                    wrong.add(at + ": " + keyword + " " + rule + ", not " + value);
                }
            });
        }

        private void parts(String keyword, String at, Map<?, ?> schema, Object value, List<String> wrong) {
            Map<?, ?> rule = (Map<?, ?>) schema.get(keyword);
            if (value instanceof List<?> list && keyword.equals("items")) {
                list.forEach(item -> check(at + "[]", rule, item, wrong));
            } else if (value instanceof Map<?, ?> map) {
                map.forEach((name, member) -> {
                    Object of = keyword.equals("properties") ? rule.get(name) : rule;
                    if (of == null) {
                        wrong.add(at + "." + name + ": a member that the schema does not know");
                    } else if (!keyword.equals("items")) {
                        check(at + "." + name, (Map<?, ?>) of, member, wrong);
                    }
                });
            }
        }

        private static double number(Object value) {
            return ((Number) value).doubleValue();
        }

        private static boolean is(String type, Object value) {
            return switch (type) {
                case "object" -> value instanceof Map;
                case "array" -> value instanceof List;
                case "string" -> value instanceof String;
                case "boolean" -> value instanceof Boolean;
                case "integer" -> value instanceof Long;
                case "number" -> value instanceof Number;
                case "null" -> value == null;
                default -> throw new IllegalArgumentException(type);
            };
        }
    }

    private static Object json(String text) {
        return JsonText.parse(text, 30, (found, allowed) -> new IllegalArgumentException(found));
    }

    private record Failing() implements Step {
        @Override
        public String name() {
            return "failing";
        }

        @Override
        public boolean needsSamples() {
            return false;
        }

        @Override
        public Model apply(Model model, StepContext context) {
            throw new CompressionException("failing", "this model", "others", null);
        }
    }

    private static CompressionReport searched(Objective objective) {
        return Search.of(Compressor.of(SmallNetwork.model()).seed(3))
                .calibrate(SmallNetwork.samples())
                .evaluate(SmallNetwork.samples(), SmallNetwork.accuracy())
                .option("eight", layers -> new RoundedWeights("eight", 127, layers))
                .option("failing", layers -> new Failing())
                .objective(objective)
                .run()
                .compression()
                .report();
    }

    @Test
    void reportsHaveTheFormOfTheirSchema() throws IOException {
        Schema schema = Schema.read();
        CompressionReport real = searched(Objective.SIZE);
        for (CompressionReport report : List.of(ReportExamples.small("a"), ReportExamples.full(), real)) {
            assertThat(schema.check(json(report.toJson()))).as(report.model()).isEmpty();
        }
        assertThat(real.toJson())
                .contains("\"objective\":\"size\"", "\"chosen\":true", "\"failure\":\"failing: this model");
    }

    @Test
    void aChangedMemberIsFound() throws IOException {
        Schema schema = Schema.read();
        String json = ReportExamples.full().toJson();
        Map<String, String> changes = Map.of(
                "\"version\":1", "\"version\":2",
                "\"margin\":0.0023,", "",
                "\"verdict\":\"undecided\"", "\"verdict\":\"good\"",
                "\"threads\":1,\"warm\":false", "\"threads\":1.5,\"warm\":false",
                "\"seed\":0", "\"seed\":null",
                "\"result\":\"2222", "\"result\":\"222",
                "\"conv1\":\"trial 3\"", "\"conv1\":3",
                "\"index\":40", "\"index\":-40",
                "\"won\":0", "\"won\":0,\"drawn\":0",
                "\"kept\":true", "\"kept\":\"yes\"");
        changes.forEach((from, to) -> {
            assertThat(json).contains(from);
            assertThat(schema.check(json(json.replace(from, to)))).as(to).isNotEmpty();
        });
    }

    @Test
    void eachMemberOfAReportIsInTheSchema() throws IOException {
        Map<String, Object> members = new LinkedHashMap<>();
        ((Map<?, ?>) json(ReportExamples.full().toJson())).forEach((name, value) -> members.put((String) name, value));
        assertThat(((Map<?, ?>) Schema.read().root().get("properties")).keySet())
                .as("members in their order")
                .isEqualTo(members.keySet());
    }

    private Path file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, text);
        return file;
    }

    @Test
    void twoRunsAreShownSideBySide() throws IOException {
        Path a = file("a<b>.json", ReportExamples.full().toJson());
        Path b = file(
                "b.json",
                ReportExamples.full()
                        .withRecipe("w4a8", "other")
                        .toJson()
                        .replace("\"lost\":1,\"won\":0", "\"lost\":0,\"won\":0")
                        .replaceFirst("\"technique\":\"int8-static\",\"bits\":8", "\"technique\":\"w4a8\",\"bits\":4"));
        List<SideBySide.Row> rows = SideBySide.of(a, b).rows();
        assertThat(rows)
                .filteredOn(SideBySide.Row::isDifferent)
                .extracting(SideBySide.Row::part, SideBySide.Row::name)
                .containsExactly(
                        tuple("figures", "recipe"),
                        tuple("made of", "sha256 recipe"),
                        tuple("layers", "conv1"),
                        tuple("classes", "class 3"));
        assertThat(rows)
                .contains(new SideBySide.Row("figures", "metric loss high", "0.003800", "0.003800"))
                .contains(new SideBySide.Row("layers", "conv1", "int8-static, 8 bits", "w4a8, 4 bits"));
        Path page = folder.resolve("both.html");
        SideBySide.of(a, b).writeHtml(page);
        assertThat(Files.readString(page))
                .contains("a&lt;b&gt;.json and b.json", "Layers that differ", "class=\"why changed\"")
                .doesNotContain("@BODY@", "<b>.json", "<script");
    }

    @Test
    void whatIsNoReportIsNamed() throws IOException {
        Path good = file("good.json", ReportExamples.full().toJson());
        Map<String, String> wrong = Map.of(
                "{", "no JSON",
                "[1]", "no report of a compression",
                "{\"schema\":\"tenon-compression-report\",\"version\":7}", "version 7; allowed version 1");
        for (Map.Entry<String, String> one : wrong.entrySet()) {
            Path bad = file("bad.json", one.getKey());
            assertThatThrownBy(() -> SideBySide.of(good, bad))
                    .isInstanceOf(TenonException.class)
                    .hasMessageContaining("bad.json")
                    .hasMessageContaining(one.getValue());
        }
        assertThatThrownBy(() -> SideBySide.of(good, folder.resolve("none.json")))
                .isInstanceOf(TenonException.class)
                .hasMessageContaining("none.json");
        Path little = file(
                "little.json", "{\"schema\":\"tenon-compression-report\",\"version\":1,\"layers\":3,\"changes\":[]}");
        assertThat(SideBySide.of(good, little).rows()).isNotEmpty();
    }
}
