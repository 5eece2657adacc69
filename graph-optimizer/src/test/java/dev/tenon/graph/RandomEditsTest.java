package dev.tenon.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sub;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;

/**
 * Random edits of random graphs, applied to a {@link GraphEditor} and to a naive model at the same time. The model is a
 * table of operators and operands by the names of results. Both must compute the same, or both must find a cycle.
 */
class RandomEditsTest {
    private static final List<Op> UNARY = List.of(new Neg(), new Abs(), new Relu());
    private static final List<Op> BINARY = List.of(new Add(), new Sub(), new Max(), new Min());

    /** A line of the model: how a value is computed from others. */
    private record Line(Op op, List<String> operands) {}

    /** A graph, an editor of it and the model. */
    private static final class Edits {
        private final Map<String, Line> lines = new LinkedHashMap<>();
        private final Map<String, Tensor> constants = new HashMap<>();
        private final Map<String, String> outputs = new LinkedHashMap<>();
        private final Map<String, ValueRef> refs = new LinkedHashMap<>();
        private final SplittableRandom random;
        private GraphEditor editor;
        private int made;

        private Edits(long seed) {
            random = new SplittableRandom(seed);
        }

        private Tensor tensor() {
            return Tensor.of(new float[] {random.nextInt(-4, 5), random.nextInt(-4, 5)});
        }

        private <T> T one(List<T> list) {
            return list.get(random.nextInt(list.size()));
        }

        private String anyName() {
            return one(List.copyOf(refs.keySet()));
        }

        /** A node of the graph as it was given that was not removed. */
        private Node anyNode() {
            List<Node> nodes =
                    editor.index().nodes(node -> lines.containsKey(node.output().name()));
            return nodes.isEmpty() ? null : one(nodes);
        }

        private void graph(int nodes) {
            GraphBuilder builder = new GraphBuilder("random");
            List<Value> values = new ArrayList<>();
            for (String name : List.of("x", "z")) {
                values.add(builder.input(name, ValueType.parse("f32[2]")));
            }
            for (String name : List.of("c", "d")) {
                Tensor t = tensor();
                constants.put(name, t);
                values.add(builder.constant(name, t));
            }
            for (int i = 0; i < nodes; i++) {
                Op op = one(random.nextBoolean() ? UNARY : BINARY);
                List<Value> operands = new ArrayList<>(List.of(one(values)));
                if (BINARY.contains(op)) {
                    operands.add(one(values));
                }
                String name = "v" + i;
                lines.put(name, new Line(op, operands.stream().map(Value::name).toList()));
                values.add(builder.add(op, "node " + i, operands, List.of(name)).getFirst());
            }
            for (int i = 0; i < 3; i++) {
                Value v = one(values);
                builder.output("o" + i, v);
                outputs.put("o" + i, v.name());
            }
            editor = new GraphEditor(builder.build());
            values.forEach(v -> refs.put(v.name(), v));
        }

        /** Adds a node to both. */
        private String add(Op op, String... operands) {
            String name = "new" + made++;
            NewValue v = editor.add(
                            op, "", Arrays.stream(operands).map(refs::get).toList(), List.of(name))
                    .getFirst();
            lines.put(name, new Line(op, List.of(operands)));
            refs.put(name, v);
            return name;
        }

        private String add(String operand) {
            return random.nextBoolean() ? add(one(UNARY), operand) : add(one(BINARY), operand, anyName());
        }

        /** All that a value is computed from, without what it is computed from through another value. */
        private Set<String> computedFrom(String name, String without) {
            Set<String> found = new HashSet<>();
            List<String> open = new ArrayList<>(List.of(name));
            while (!open.isEmpty()) {
                String next = open.removeLast();
                if (!next.equals(without) && found.add(next) && lines.containsKey(next)) {
                    open.addAll(lines.get(next).operands());
                }
            }
            return found;
        }

        private void replaceUses(String value, String replacement) {
            Set<String> before = computedFrom(replacement, value);
            lines.replaceAll((name, line) -> before.contains(name) ? line : with(line, value, replacement));
            outputs.replaceAll((name, v) -> v.equals(value) ? replacement : v);
            editor.replaceUses(refs.get(value), refs.get(replacement));
        }

        private static Line with(Line line, String value, String replacement) {
            return new Line(
                    line.op(),
                    line.operands().stream()
                            .map(v -> v.equals(value) ? replacement : v)
                            .toList());
        }

        private void edit() {
            String value = anyName();
            Node node = anyNode();
            switch (random.nextInt(9)) {
                case 0 -> {
                    String inserted = add(value);
                    replaceUses(value, inserted);
                }
                case 1 -> replaceUses(value, anyName());
                case 2 -> {
                    Tensor t = tensor();
                    String name = random.nextBoolean() ? "c" : "d";
                    constants.put(name, t);
                    editor.replaceConstant(editor.index().value(name), t);
                }
                case 3 -> {
                    Tensor t = tensor();
                    String name = "new" + made++;
                    constants.put(name, t);
                    refs.put(name, editor.constant(name, t));
                }
                case 4 -> {
                    String output = one(List.copyOf(outputs.keySet()));
                    outputs.put(output, value);
                    editor.replaceOutput(output, refs.get(value));
                }
                case 5 -> {
                    if (node != null) {
                        String name = node.output().name();
                        int index = random.nextInt(lines.get(name).operands().size());
                        List<String> operands = new ArrayList<>(lines.get(name).operands());
                        operands.set(index, value);
                        lines.put(name, new Line(lines.get(name).op(), operands));
                        editor.replaceOperand(node, index, refs.get(value));
                    }
                }
                case 6 -> {
                    if (node != null) {
                        Line line = lines.get(node.output().name());
                        Op op = one(UNARY.contains(line.op()) ? UNARY : BINARY);
                        lines.put(node.output().name(), new Line(op, line.operands()));
                        editor.replaceOperator(node, op);
                    }
                }
                case 7 -> chosen(value);
                default -> removed(node);
            }
        }

        /** Lets one user of a value use another one. */
        private void chosen(String value) {
            String inserted = add(value);
            Set<String> before = computedFrom(inserted, value);
            List<Node> users = editor.index().nodes(n -> {
                Line line = lines.get(n.output().name());
                return line != null
                        && line.operands().contains(value)
                        && !before.contains(n.output().name());
            });
            if (!users.isEmpty()) {
                Node user = one(users);
                lines.computeIfPresent(user.output().name(), (name, line) -> with(line, value, inserted));
                editor.replaceUses(refs.get(value), refs.get(inserted), List.of(user));
            }
        }

        /** Replaces a node by a new one. */
        private void removed(Node node) {
            if (node == null) {
                return;
            }
            String name = node.output().name();
            String instead = anyName();
            if (computedFrom(instead, "").contains(name)) {
                return;
            }
            lines.replaceAll((key, line) -> with(line, name, instead));
            outputs.replaceAll((key, v) -> v.equals(name) ? instead : v);
            lines.remove(name);
            editor.replaceNode(node, refs.get(instead));
            refs.remove(name);
        }

        private boolean hasCycle() {
            return lines.keySet().stream()
                    .anyMatch(name -> lines.get(name).operands().stream()
                            .anyMatch(v -> computedFrom(v, "").contains(name)));
        }

        private Tensor evaluate(String name, Map<String, Tensor> known) {
            Tensor result = known.get(name);
            if (result == null) {
                Line line = lines.get(name);
                List<Datum> operands = new ArrayList<>();
                for (String v : line.operands()) {
                    operands.add(evaluate(v, known));
                }
                result = (Tensor) line.op()
                        .reference(new Operands(line.op(), "", operands, 1))
                        .getFirst();
                known.put(name, result);
            }
            return result;
        }
    }

    @Property(tries = 500)
    void editsAgreeWithTheModel(
            @ForAll long seed, @ForAll @IntRange(max = 12) int nodes, @ForAll @IntRange(max = 12) int edits) {
        Edits r = new Edits(seed);
        r.graph(nodes);
        String before = GraphText.print(r.editor.index().graph());
        for (int i = 0; i < edits; i++) {
            r.edit();
        }
        boolean cycle = r.hasCycle();
        Statistics.label("cycle").collect(cycle);
        if (cycle) {
            assertThatThrownBy(r.editor::build)
                    .isInstanceOf(InvalidGraphException.class)
                    .hasMessageContaining("depends on itself");
            return;
        }
        Graph built = r.editor.build();
        GraphVerifier.verify(built);
        Tensor x = r.tensor();
        Tensor z = r.tensor();
        Map<String, Tensor> known = new HashMap<>(r.constants);
        known.put("x", x);
        known.put("z", z);
        List<Datum> expected = new ArrayList<>();
        r.outputs.values().forEach(v -> expected.add(r.evaluate(v, known)));
        Graphs.requireEqual(Interpreter.run(built, List.of(x, z)), expected);
        assertThat(built.outputNames()).containsExactlyElementsOf(r.outputs.keySet());
        assertThat(built.nodes()).hasSameSizeAs(r.lines.keySet());
        assertThat(built.nodes()).extracting(node -> node.output().name()).hasSameElementsAs(r.lines.keySet());
        assertThat(GraphText.print(r.editor.index().graph())).isEqualTo(before);
    }
}
