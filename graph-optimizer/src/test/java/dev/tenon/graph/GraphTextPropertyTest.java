package dev.tenon.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.control.If;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A printed graph parses back to a graph that prints the same. */
class GraphTextPropertyTest {
    private static final int MAX_DEPTH = 2;

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.strings()
                .withCharRange('\0', '\uD7FF')
                .withChars("_:%\"\\=,.{}<>()[]@/ -ab01")
                .ofMinLength(1)
                .ofMaxLength(6);
    }

    @Property(tries = 300)
    void printedGraphsParseBack(@ForAll long seed, @ForAll("names") String name) {
        Graph graph = new Maker(new Random(seed), name).graph(new GraphBuilder(name), 0, List.of());
        GraphVerifier.verify(graph);
        String text = GraphText.print(graph, Long.MAX_VALUE);
        Graph parsed = GraphText.parse(text, Graphs.OPERATORS);
        GraphVerifier.verify(parsed);
        assertThat(GraphText.print(parsed, Long.MAX_VALUE)).isEqualTo(text);
    }

    /** Makes random graphs of a few operators, constants of all element types, and nested branches. */
    private record Maker(Random random, String name) {
        Graph graph(GraphBuilder builder, int depth, List<Value> captured) {
            List<Value> floats = new ArrayList<>();
            if (depth == 0) {
                for (int i = 0; i <= random.nextInt(3); i++) {
                    Dim[] dims = {dim(builder), Dim.of(2)};
                    floats.add(builder.input(
                            builder.unique(name), new TensorType(DType.FLOAT32, Shape.of(Arrays.asList(dims)))));
                }
            }
            for (Value v : captured) {
                floats.add(builder.input(builder.unique(name), v.operand()));
            }
            int count = 1 + random.nextInt(6);
            List<Value> others = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                step(builder, depth, floats, others);
            }
            builder.output(floats.getLast());
            for (Value v : depth == 0 ? others : List.<Value>of()) {
                builder.output(v.name() + "." + name, v);
            }
            return builder.build();
        }

        private Dim dim(GraphBuilder builder) {
            return switch (random.nextInt(4)) {
                case 0 -> builder.freshDim();
                case 1 -> Dim.symbol(name);
                case 2 -> Dim.symbol("batch").plus(Dim.of(1));
                default -> Dim.of(random.nextInt(3));
            };
        }

        private void step(GraphBuilder builder, int depth, List<Value> floats, List<Value> others) {
            Value x = floats.get(random.nextInt(floats.size()));
            switch (random.nextInt(depth < MAX_DEPTH ? 6 : 5)) {
                case 0 -> floats.add(add(builder, op("Neg"), x));
                case 1 -> floats.add(add(builder, op("Add"), x, x));
                case 2 -> others.add(add(builder, op("NonZero"), x));
                case 3 -> others.add(add(builder, op("Shape"), x));
                case 4 -> others.add(builder.constant(builder.unique(name + ".c"), constant()));
                default -> {
                    Value condition =
                            builder.constant(builder.unique(name + ".b"), Tensor.scalar(random.nextBoolean()));
                    Graph then = graph(builder.body(name), depth + 1, List.of(x));
                    Graph otherwise = graph(builder.body(""), depth + 1, List.of(x));
                    floats.add(add(builder, new If(then, otherwise), condition, x));
                }
            }
        }

        private static Op op(String operator) {
            return Graphs.OPERATORS.find("", operator).orElseThrow().create(Attributes.none());
        }

        private Value add(GraphBuilder builder, Op op, Value... operands) {
            String node = random.nextBoolean() ? name : "";
            return builder.add(op, node, Arrays.asList(operands), List.of(builder.unique(name)))
                    .getFirst();
        }

        private Tensor constant() {
            DType type = DType.values()[random.nextInt(DType.values().length)];
            Tensor t = Tensor.allocate(type, random.nextInt(3), 1 + random.nextInt(2));
            for (long i = 0; i < t.size(); i++) {
                if (type == DType.STRING) {
                    byte[] bytes = new byte[random.nextInt(4)];
                    random.nextBytes(bytes);
                    t.setUtf8(i, bytes);
                } else if (type == DType.BOOL) {
                    t.setBoolean(i, random.nextBoolean());
                } else if (type.isComplex()) {
                    t.setComplex(i, random.nextGaussian(), random.nextGaussian());
                } else {
                    t.setBits(i, random.nextLong());
                }
            }
            return t;
        }
    }
}
