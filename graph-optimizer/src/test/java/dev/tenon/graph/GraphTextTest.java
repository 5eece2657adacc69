package dev.tenon.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.TenonException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GraphTextTest {
    private static void printsAsItIs(String text) {
        assertThat(GraphText.print(Graphs.parse(text))).isEqualTo(text);
    }

    @Test
    void theExampleOfTheDocumentation() {
        printsAsItIs("""
            graph main(%x: f32[batch,4]) {
              %w = const f32[4,2] {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0}
              %h: f32[batch,2] = MatMul(%x, %w) "first"
              %y: f32[batch,2] = Softmax<axis=0>(%h)
              return probabilities=%y
            }
            """);
    }

    @Test
    void operandsAndOutputsThatAreLeftOut() {
        printsAsItIs("""
            graph (%x: f32[4], %k: i64[1]) {
              %most = const f32[] {6.0}
              %c: f32[4] = Clip(%x, _, %most)
              _, %i: i64[?1] = TopK(%c, %k)
              return %i, again=%i
            }
            """);
    }

    @Test
    void fusedOperatorsNumberTheirValues() {
        printsAsItIs("""
            graph main(%x: f32[n,2], %r: f32[n,2]) {
              %w = const f32[2,2] {1.0, 2.0, 3.0, 4.0}
              %six = const f32[] {6.0}
              %y: f32[n,2] = dev.tenon.Fused<2.approximate="tanh", inputs=4, operands=[[0, 1], [4, 2], [5], [6, -1, 3]],\
             ops=["MatMul", "Add", "Gelu", "Clip"]>(%x, %w, %r, %six) "first"
              return %y
            }
            """);
        assertThatThrownBy(() -> Graphs.parse("""
            graph main(%x: f32[2]) {
              %y = dev.tenon.Fused<inputs=1, operands=[[1]], ops=["Relu"]>(%x)
              return %y
            }
            """))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("operand 1 of Relu");
    }

    @Test
    void bodiesStandAmongAttributes() {
        printsAsItIs("""
            graph main(%x: f32[2], %c: bool[]) {
              %y: f32[2] = If<else_branch=graph e(%a: f32[2]) {
                %n: f32[2] = Neg(%a)
                return %n
              }, then_branch=graph t(%a: f32[2]) {
                return %a
              }>(%c, %x)
              return %y
            }
            """);
    }

    @Test
    void dimensionsOfRunTimeAreNumberedInEachGraphAsTheyAppear() {
        GraphBuilder builder = new GraphBuilder("g");
        builder.freshDim();
        builder.freshDim();
        Graph parsed = Graphs.parse("graph g(%x: f32[?7,?9,?7]) { %y = NonZero(%x) return %y }");
        String text = GraphText.print(parsed);
        assertThat(text).contains("%x: f32[?1,?2,?1]").contains("%y: i64[3,?3]");
        assertThat(GraphText.print(Graphs.parse(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void constantsOfAllElementTypes(DType type) {
        Tensor tensor = Tensor.allocate(type, 3);
        if (type == DType.STRING) {
            tensor.setString(0, "plain");
            tensor.setUtf8(1, new byte[] {0, (byte) 0xFF, '"', '\\', '\n'});
            tensor.setString(2, "ümlaut 漢字 🙂");
        } else if (type.isComplex()) {
            tensor.setComplex(1, 1.5, -2.5);
            tensor.setComplex(2, Double.NaN, Double.NEGATIVE_INFINITY);
        } else if (type == DType.BOOL) {
            tensor.setBoolean(1, true);
        } else if (type.isInteger()) {
            tensor.setLong(0, type.minInteger());
            tensor.setLong(1, type.maxInteger());
        } else {
            for (int i = 0; i < 3; i++) {
                tensor.setBits(i, i + 1);
            }
            if (type == DType.FLOAT8E5M2) {
                tensor.setBits(1, 0x7C);
                tensor.setBits(2, 0xFC);
            }
        }
        GraphBuilder builder = new GraphBuilder("constants");
        Graph graph = builder.output(builder.constant("c", tensor)).build();
        String text = GraphText.print(graph);
        Graph parsed = GraphText.parse(text, Graphs.OPERATORS);
        assertThat(parsed.constants().getFirst().constant().contentEquals(tensor))
                .isTrue();
        assertThat(GraphText.print(parsed)).isEqualTo(text);
    }

    @Test
    void floatsKeepTheirBits() {
        float[] values = {
            0f, -0f, Float.MIN_VALUE, Float.MAX_VALUE, 0.1f, 1f / 3, Float.NaN, Float.NEGATIVE_INFINITY, 16777217f
        };
        GraphBuilder builder = new GraphBuilder("f");
        Graph graph = builder.output(builder.constant("c", Tensor.of(values))).build();
        Tensor parsed = GraphText.parse(GraphText.print(graph), Graphs.OPERATORS)
                .constants()
                .getFirst()
                .constant();
        for (int i = 0; i < values.length; i++) {
            assertThat(Float.floatToIntBits(parsed.getFloat(i))).isEqualTo(Float.floatToIntBits(values[i]));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "_",
                "a b",
                "\"",
                "\\",
                "ü",
                "a:",
                "/model/layer.0/Add_output_0:0",
                "return",
                "const",
                "graph",
                "1",
                "-",
                "%",
                "a,b",
                "a=b",
                "\n",
                "\\x00",
                "🙂",
                "<",
                "type"
            })
    void oddNames(String name) {
        GraphBuilder builder = new GraphBuilder(name);
        Value x = builder.input(name, Tensor.of(new float[] {1}).type());
        Value c = builder.constant(name + ".c", Tensor.of(new float[] {1}));
        Op add = Graphs.OPERATORS.find("", "Add").orElseThrow().create(Attributes.none());
        Value y = builder.add(add, name, List.of(x, c), List.of(name + ".y")).getFirst();
        Graph graph = builder.output(name + ".out", y).build();
        String text = GraphText.print(graph);
        Graph parsed = Graphs.parse(text);
        assertThat(GraphText.print(parsed)).isEqualTo(text);
        assertThat(parsed.name()).isEqualTo(name);
        assertThat(parsed.inputs().getFirst().name()).isEqualTo(name);
        assertThat(parsed.nodes().getFirst().name()).isEqualTo(name);
        assertThat(parsed.outputNames()).containsExactly(name + ".out");
    }

    @Test
    void largeConstantsAreWrittenByReference() {
        Tensor large = Tensor.allocate(DType.FLOAT32, 65);
        large.setDouble(64, 5);
        GraphBuilder builder = new GraphBuilder("g");
        Graph graph = builder.output(builder.constant("w", large)).build();
        String text = GraphText.print(graph);
        assertThat(text).contains("%w = const f32[65] @w");
        assertThat(GraphText.parse(text, Graphs.OPERATORS, name -> name.equals("w") ? large : null)
                        .constants()
                        .getFirst()
                        .constant())
                .isSameAs(large);
        assertThat(GraphText.print(graph, 65)).contains("0.0, 5.0}");
        assertThatThrownBy(() -> GraphText.parse(text, Graphs.OPERATORS))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("'w'")
                .hasMessageContaining("not given");
        assertThatThrownBy(() -> GraphText.parse(text, Graphs.OPERATORS, name -> Tensor.of(new float[] {1})))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("f32[1]");
    }

    @Test
    void attributesOfAllKinds() {
        printsAsItIs("""
            graph g(%x: f32[2,3], %s: i64[1]) {
              %a: f32[3,2] = Transpose<perm=[1, 0]>(%x)
              %b: f32[2,3] = LeakyRelu<alpha=0.5f>(%x)
              %c: f32[2,3] = Gelu<approximate="tanh">(%x)
              %d: i8[?1] = ConstantOfShape<value=i8[1] {-3}>(%s)
              return %a, %b, %c, %d
            }
            """);
    }

    private static void fails(String text, int line, String... parts) {
        assertThatThrownBy(() -> GraphText.parse(text, Graphs.OPERATORS))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("line " + line)
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void errorsNameTheLine() {
        fails("graph g(%x: f32[1]) {\n  %y = Frob(%x)\n  return %y\n}\n", 2, "Frob", "known operator");
        fails("graph g(%x: f32[1]) {\n  %y = Neg(%z)\n  return %y\n}\n", 2, "'z'", "before it is defined");
        fails("graph g(%x: f32[1]) {\n\n  return %z\n}\n", 3, "'z'");
        fails("graph g(%x: f33[1]) {\n  return %x\n}\n", 1, "f33");
        fails("graph g(%x: f32[1]) {\n  %c = const i8[1] {200}\n  return %c\n}\n", 2, "i8");
        fails("graph g(%x: f32[1]) {\n  %c = const u8[1] {-1}\n  return %c\n}\n", 2, "u8");
        fails("graph g(%x: f32[1]) {\n  %c = const bool[1] {maybe}\n  return %c\n}\n", 2, "bool");
        fails("graph g(%x: f32[1]) {\n  %c = const f32[2] {1.0}\n  return %c\n}\n", 2, "f32");
        fails("graph g(%x: f32[1]) {\n  %c = const f32[1] {1.0, 2.0}\n  return %c\n}\n", 2, "'}'");
        fails("graph g(%x: f32[1]) {\n  %c = const f32[n] {1.0}\n  return %c\n}\n", 2, "known dimensions");
        fails("graph g(%x: f32[1]) {\n  return %x\n}\nmore", 4, "end of the text");
        fails("graph g(%x: f32[1]) {\n  return %x\n", 3, "end of the text");
        fails("graph g(%x: f32[1]) {\n  %c = const string[1] {\"\\xg1\"}\n  return %c\n}", 2, "hexadecimal");
        fails("nonsense", 1, "graph");
        fails("", 1, "graph");
    }

    @Test
    void nodesThatDoNotTypeCheckAreReported() {
        assertThatThrownBy(() -> Graphs.parse("graph g(%x: bool[1]) { %y = Neg(%x) \"n\" return %y }"))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("Neg 'n'");
        assertThatThrownBy(() -> Graphs.parse("graph g(%x: f32[1]) { %x = Neg(%x) return %x }"))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("'x'");
    }

    @Test
    void nestingIsBounded() {
        String lists = "graph g(%x: f32[1]) { %y = Transpose<perm=" + "[".repeat(100_000);
        assertThatThrownBy(() -> GraphText.parse(lists, Graphs.OPERATORS))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("nested");
        String graphs = "graph g(%c: bool[]) { %y = If<then_branch=".repeat(100_000);
        assertThatThrownBy(() -> GraphText.parse(graphs, Graphs.OPERATORS))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("nested");
    }

    @Test
    void everyTruncationAndEveryChangedCharacterGivesAGraphOrATypedException() {
        String text = """
            graph main(%x: f32[batch,2], %c: bool[]) {
              %w = const f32[2] {1.0, NaN}
              %s = const string[1] {"a\\x00"}
              %y: f32[batch,2] = If<else_branch=graph (%a: f32[batch,2]) {
                return %a
              }, then_branch=graph t(%a: f32[batch,2]) {
                %h: f32[batch,2] = LeakyRelu<alpha=0.5f>(%a)
                return %h
              }>(%c, %x)
              %z: f32[batch,2] = Clip(%y, _, _) "node"
              return out=%z, %w
            }
            """;
        int read = 0;
        for (int i = 0; i < text.length(); i++) {
            read += isRead(text.substring(0, i)) ? 1 : 0;
            for (char c : new char[] {'"', '[', '(', '{', '%', '=', '9', 'a', ' ', '\0', '\uD83D'}) {
                read += isRead(text.substring(0, i) + c + text.substring(i + 1)) ? 1 : 0;
            }
        }
        assertThat(read).isPositive();
    }

    private static boolean isRead(String text) {
        try {
            GraphText.parse(text, Graphs.OPERATORS);
            return true;
        } catch (TenonException e) {
            assertThat(e.getMessage().getBytes(StandardCharsets.UTF_8)).isNotEmpty();
            return false;
        }
    }
}
