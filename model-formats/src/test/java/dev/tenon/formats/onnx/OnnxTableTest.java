package dev.tenon.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.OpDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OnnxTableTest {
    /** The versions in which each operator of the standard got a new form, by operator. */
    static Map<String, List<Integer>> standard() throws IOException {
        Map<String, List<Integer>> versions = new LinkedHashMap<>();
        try (InputStream in = OnnxTableTest.class.getResourceAsStream("operator-versions.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
                String[] words = line.split(" ");
                if (!line.startsWith("#")) {
                    versions.put(
                            words[0],
                            Arrays.stream(words).skip(1).map(Integer::valueOf).toList());
                }
            }
        }
        return versions;
    }

    @Test
    void everyVersionOfEveryOperatorThatThereIsHasALine() throws IOException {
        List<String> missing = new ArrayList<>();
        Map<String, List<Integer>> standard = standard();
        for (OpDefinition<?> definition : ModelSketch.OPERATORS.definitions()) {
            String name = definition.schema().name();
            if (!definition.schema().domain().isEmpty()) {
                continue;
            }
            assertThat(standard).as("operators of the standard").containsKey(name);
            for (int since : standard.get(name)) {
                if (!OnnxTable.isKnown("", name) || OnnxTable.find("", name, since, ModelSketch.OPERATORS) == null) {
                    missing.add(name + "-" + since);
                }
            }
            if (OnnxTable.find("", name, OnnxTable.NEWEST, ModelSketch.OPERATORS) == null) {
                missing.add(name + "-" + OnnxTable.NEWEST);
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void everyLineIsOfAnOperatorOfTheStandard() throws IOException {
        Map<String, List<Integer>> standard = standard();
        List<String> unknown = new ArrayList<>();
        LineList list = LineList.ofAll();
        assertThat(list.in("", OnnxTable.NEWEST)).isTrue();
        OnnxLines.add(list);
        for (LineList.Line line : list.lines()) {
            if (!standard.containsKey(line.name()) || line.first() > line.last() || line.last() > OnnxTable.NEWEST) {
                unknown.add(line.name() + "-" + line.first());
            }
        }
        assertThat(unknown).isEmpty();
    }

    @Test
    void linesOfOneOperatorDoNotOverlap() {
        Map<String, Integer> reached = new LinkedHashMap<>();
        List<String> overlapping = new ArrayList<>();
        for (LineList.Line line : OnnxTable.all()) {
            String name = line.domain() + "::" + line.name();
            if (line.first() <= reached.getOrDefault(name, 0)) {
                overlapping.add(name + "-" + line.first());
            }
            reached.put(name, line.last());
        }
        assertThat(overlapping).isEmpty();
    }

    @Test
    void theNewestVersionIsThatOfTheStandard() throws IOException {
        int newest = standard().values().stream()
                .flatMap(List::stream)
                .mapToInt(Integer::intValue)
                .max()
                .orElseThrow();
        assertThat(OnnxTable.NEWEST).isEqualTo(newest);
    }

    @Test
    void newerVersionsThanTheNewestAreNotGuessed() {
        assertThat(OnnxTable.find("", "Relu", OnnxTable.NEWEST + 1, ModelSketch.OPERATORS))
                .isNull();
        assertThat(OnnxTable.find("", "Relu", 0, ModelSketch.OPERATORS)).isNull();
    }
}
