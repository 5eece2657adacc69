package dev.tenon.graph.rules.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The masks that values are: the number inside and outside, the diagonal, rows and columns. */
class CausalMaskTest {
    private static final String CONSTANTS = """
        %t = const f32[3,3] {1, 0, 0, 1, 1, 0, 1, 1, 1}
        %u = const f32[3,3] {1, 1, 0, 1, 1, 1, 1, 1, 1}
        %a = const bool[3,3] {true, false, false, true, true, false, true, true, true}
        %b = const bool[3,3] {true, true, false, true, true, true, true, true, true}
        %y1 = const bool[] {true}
        %n1 = const bool[] {false}
        %f0 = const f32[] {0}
        %f1 = const f32[] {1}
        %f2 = const f32[] {2}
        %low = const f32[] {-Infinity}
        %nan = const f32[] {NaN}
        %i0 = const i64[1] {0}
        %i1 = const i64[1] {1}
        %i2 = const i64[1] {2}
        %i3 = const i64[1] {3}
        %k0 = const i64[] {0}
        %k1 = const i64[] {1}
        %k2 = const i64[] {2}
        %k3 = const i64[] {3}
        %back = const i64[1] {-1}
        %far = const i64[1] {9223372036854775807}
        %max = const i64[1] {2147483647}
        %wide = const f32[2,3] {1, 0, 0, 1, 1, 0}
        %g = const f32[3,3] {2, 2, 2, 2, 2, 2, 2, 2, 2}
        %ones = const bool[3,3] {true, true, true, true, true, true, true, true, true}
        """;

    private static String found(String inputs, String nodes) {
        Graph graph = Graphs.parse("graph g(" + inputs + ") {\n" + CONSTANTS + nodes.replace("; ", "\n") + "\nreturn %m\n}");
        CausalMask found = CausalMask.of(graph.outputs().getFirst());
        if (found == null) {
            return "null";
        }
        if (inputs.isEmpty()) {
            requireSame(found, (Tensor) Graphs.run(graph).getFirst());
        }
        return found.isUniform()
                ? "all " + found.inside()
                : found.inside() + " " + found.outside() + " " + found.diagonal() + " " + found.rows() + " "
                        + found.columns();
    }

    /** Fails unless a mask has the elements of a result. */
    private static void requireSame(CausalMask mask, Tensor t) {
        long columns = t.rank() == 0 ? 1 : t.dim(-1);
        long rows = t.rank() < 2 ? 1 : t.dim(-2);
        for (long i = 0; i < t.size(); i++) {
            long row = i / columns % rows;
            boolean inside = mask.isUniform()
                    || i % columns - row <= mask.diagonal().value();
            double number = t.dtype() == DType.BOOL ? t.getBoolean(i) ? 1 : 0 : t.getDouble(i);
            assertThat(number).as("element %s of %s", i, t).isEqualTo(inside ? mask.inside() : mask.outside());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1.0 0.0 0 3 3 | %m = const f32[3,3] {1, 0, 0, 1, 1, 0, 1, 1, 1}
        1.0 0.0 0 3 3 | %m = const i32[3,3] {1, 0, 0, 1, 1, 0, 1, 1, 1}
        1.0 0.0 0 3 3 | %m = const bool[1,3,3] {true, false, false, true, true, false, true, true, true}
        2.0 5.0 1 2 3 | %m = const f32[2,3] {2, 2, 5, 2, 2, 2}
        all 3.0 | %m = const f32[2] {3, 3}
        all 3.0 | %m = const f32[2,2] {3, 3, 3, 3}
        all 3.0 | %m = const f32[] {3}
        all 9.007199254740992E15 | %m = const i64[] {9007199254740992}
        null | %m = const i64[] {9007199254740994}
        null | %m = const i64[2,2] {9007199254740994, 0, 9007199254740994, 9007199254740994}
        9.007199254740992E15 0.0 0 2 2 | %m = const i64[2,2] {9007199254740992, 0, 9007199254740992, 9007199254740992}
        null | %m = const i64[2,2] {0, 9007199254740994, 0, 0}
        0.0 9.007199254740992E15 0 2 2 | %m = const i64[2,2] {0, 9007199254740992, 0, 0}
        1.0E300 0.0 0 2 2 | %m = const f64[2,2] {1e300, 0, 1e300, 1e300}
        0.0 1.0E300 0 2 2 | %m = const f64[2,2] {0, 1e300, 0, 0}
        null | %m = const u4[2,2] {1, 0, 1, 1}
        null | %m = const f32[0,2] {}
        null | %m = const f32[2] {1, 0}
        null | %m = const f32[1,2] {1, 0}
        null | %m = const f32[2,2,2] {1, 0, 1, 1, 1, 0, 1, 1}
        null | %m = const f32[2,2] {1, 0, 2, 1}
        null | %m = const f32[2,2] {1, 0, 0, 1}
        null | %m = const f32[2,2] {0, 0, 1, 0}
        null | %m = const f32[2,2] {3, 3, 3, 4}
        null | %m = const f32[2,3] {1, 0, 1, 1, 1, 1}
        """)
    void constantsAreMasks(String mask, String nodes) {
        assertThat(found("", nodes)).isEqualTo(mask);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        2.0 1.0 0 3 3 | %m = Add(%t, %f1)
        -1.0 -2.0 0 3 3 | %m = Sub(%t, %f2)
        2.0 0.0 0 3 3 | %m = Mul(%f2, %t)
        null | %m = Div(%t, %f2)
        null | %m = Xor(%a, %b)
        1.0 0.0 0 3 3 | %m = And(%a, %b)
        1.0 0.0 0 3 3 | %m = And(%b, %a)
        1.0 0.0 1 3 3 | %m = Or(%a, %b)
        1.0 0.0 1 3 3 | %m = Or(%b, %a)
        all 0.0 | %m = And(%a, %n1)
        all 1.0 | %m = Or(%y1, %a)
        1.0 0.0 0 3 3 | %m = And(%a, %y1)
        1.0 0.0 0 3 3 | %m = Or(%a, %n1)
        null | %m = Add(%t, %u)
        1.0 0.0 0 3 3 | %m = Mul(%t, %u)
        2.0 0.0 0 3 3 | %m = Add(%t, %t)
        1.0 0.0 0 3 3 | %m = Equal(%t, %f1)
        0.0 1.0 0 3 3 | %m = Less(%t, %f1)
        0.0 1.0 0 3 3 | %m = LessOrEqual(%t, %f0)
        all 1.0 | %m = LessOrEqual(%t, %f1)
        1.0 0.0 0 3 3 | %m = Greater(%t, %f0)
        all 1.0 | %m = GreaterOrEqual(%t, %f0)
        1.0 0.0 0 3 3 | %m = GreaterOrEqual(%t, %f1)
        1.100000023841858 0.10000000149011612 0 3 3 | %c = const f32[] {0.1}; %m = Add(%t, %c)
        all 9.007199254740992E15 | %c = const f64[] {9007199254740992}; %m = Cast<to=7>(%c)
        null | %c = Cast<to=17>(%t); %m = Cast<to=1>(%c)
        null | %c = Slice(%t, %i1, %i2, %i0); %m = Add(%c, %g)
        null | %c = Slice(%t, %i1, %i2, %i0); %m = Add(%g, %c)
        null | %c = Slice(%t, %i1, %i2, %i1); %m = Add(%g, %c)
        null | %c = Slice(%a, %i1, %i2, %i0); %m = Where(%c, %g, %f0)
        null | %c = Slice(%t, %i1, %i2, %i0); %m = Where(%ones, %c, %g)
        null | %c = Slice(%t, %i1, %i2, %i0); %m = Where(%ones, %g, %c)
        all 0.0 | %m = Greater(%t, %f1)
        0.0 1.0 0 3 3 | %m = Not(%a)
        1.0 0.0 0 3 3 | %m = Cast<to=6>(%t)
        1.0 0.0 0 3 3 | %m = Cast<to=9>(%t)
        1.0 0.0 0 3 3 | %x = Mul(%t, %f2); %m = Cast<to=9>(%x)
        1.0 0.0 0 3 3 | %m = Cast<to=1>(%a)
        -Infinity 0.0 0 3 3 | %c = const f32[3,3] {-1e38, 0, 0, -1e38, -1e38, 0, -1e38, -1e38, -1e38}; %m = Cast<to=10>(%c)
        null | %c = const f32[] {2049}; %x = Mul(%t, %c); %m = Cast<to=10>(%x)
        2048.0 0.0 0 3 3 | %c = const f32[] {2048}; %x = Mul(%t, %c); %m = Cast<to=10>(%x)
        null | %c = const f32[] {2.5}; %x = Mul(%t, %c); %m = Cast<to=6>(%x)
        null | %c = const f32[] {256}; %x = Mul(%t, %c); %m = Cast<to=2>(%x)
        255.0 0.0 0 3 3 | %c = const f32[] {255}; %x = Mul(%t, %c); %m = Cast<to=2>(%x)
        null | %c = const f32[] {-1}; %x = Mul(%t, %c); %m = Cast<to=2>(%x)
        null | %c = const f32[] {-129}; %x = Mul(%t, %c); %m = Cast<to=3>(%x)
        -128.0 -0.0 0 3 3 | %c = const f32[] {-128}; %x = Mul(%t, %c); %m = Cast<to=3>(%x)
        null | %c = const f32[] {2.5}; %x = Mul(%c, %f1); %y = Sub(%f1, %t); %z = Mul(%y, %x); %m = Cast<to=6>(%z)
        null | %c = const f32[] {1e17}; %x = Mul(%t, %c); %m = Cast<to=7>(%x)
        1.0 0.0 0 3 3 | %m = Cast<to=13>(%t)
        1.0 -Infinity 0 3 3 | %m = Where(%a, %f1, %low)
        1.0 -Infinity 1 3 3 | %m = Where(%b, %f1, %low)
        all 1.0 | %m = Where(%a, %f1, %f1)
        null | %m = Where(%a, %nan, %f1)
        null | %m = Where(%a, %u, %low)
        1.0 -Infinity 0 3 3 | %m = Where(%a, %t, %low)
        2.0 0.0 0 3 3 | %m = Where(%a, %f2, %t)
        null | %m = Where(%a, %f2, %u)
        """)
    void masksAreCombined(String mask, String nodes) {
        assertThat(found("", nodes)).isEqualTo(mask);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1.0 0.0 0 3 3 | %m = Trilu<upper=0>(%u)
        0.0 1.0 0 3 4 | %c = const f32[3,4] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}; %m = Trilu(%c, %k1)
        1.0 0.0 1 3 4 | %c = const f32[3,4] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}; %m = Trilu<upper=0>(%c, %k1)
        null | %m = Trilu(%u, %k0)
        all 0.0 | %c = const f32[2,2] {0, 0, 0, 0}; %m = Trilu(%c)
        1.0 0.0 0 3 3 | %m = Unsqueeze(%t, %i0)
        null | %m = Unsqueeze(%t, %back)
        null | %c = const i64[1] {9}; %m = Reshape(%t, %c)
        null | %c = const i64[3] {1, 9, 1}; %m = Reshape(%t, %c)
        null | %m = Transpose(%t)
        1.0 0.0 0 3 3 | %c = const i64[3] {1, 3, 3}; %m = Reshape(%t, %c)
        1.0 0.0 0 3 3 | %c = const f32[1,3,3] {1, 0, 0, 1, 1, 0, 1, 1, 1}; %m = Squeeze(%c, %i0)
        1.0 0.0 0 3 3 | %c = const i64[3] {2, 3, 3}; %m = Expand(%t, %c)
        all 2.0 | %c = const i64[3] {2, 3, 3}; %m = Expand(%f2, %c)
        all 0.0 | %c = const i64[2] {2, 3}; %m = ConstantOfShape(%c)
        all 2.0 | %c = const i64[2] {2, 3}; %m = ConstantOfShape<value=f32[1] {2}>(%c)
        1.0 0.0 1 2 3 | %m = Slice(%t, %i1, %i3, %i0)
        1.0 0.0 1 2 3 | %m = Slice(%t, %i1, %far, %i0)
        1.0 0.0 0 3 2 | %m = Slice(%t, %i0, %i2, %i1)
        1.0 0.0 0 3 2 | %m = Slice(%t, %i0, %i2, %back)
        1.0 0.0 -1 3 2 | %m = Slice(%t, %i1, %i3, %i1, %i1)
        null | %m = Slice(%t, %i0, %i3, %i1, %i2)
        null | %m = Slice(%t, %back, %far, %i1)
        null | %m = Slice(%t, %i2, %i1, %i1)
        1.0 0.0 0 3 3 | %m = Slice(%t, %i0, %max, %i1)
        1.0 0.0 -1 2 2 | %m = Slice(%wide, %i1, %far, %i1)
        1.0 0.0 1 1 3 | %m = Slice(%wide, %i1, %far, %i0)
        null | %c = const i64[2] {-1, 0}; %d = const i64[2] {9, 2}; %e = const i64[2] {1, 0}; %m = Slice(%t, %c, %d, %e)
        null | %c = Slice(%t, %i1, %i2, %i0); %d = const i64[2] {3, 3}; %m = Expand(%c, %d)
        null | %c = Slice(%t, %i1, %i2, %i1); %d = const i64[2] {3, 3}; %m = Expand(%c, %d)
        null | %m = Slice(%t, %i0, %i2)
        1.0 0.0 0 3 3 | %c = Unsqueeze(%t, %i0); %m = Slice(%c, %i0, %i1, %i0)
        all 1.0 | %c = const f32[2,2] {1, 1, 1, 1}; %m = Slice(%c, %i1, %i2, %i0, %i2)
        """)
    void partsAndViewsOfMasksAreMasks(String mask, String nodes) {
        assertThat(found("", nodes)).isEqualTo(mask);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        null | %m = Neg(%x)
        null | %m = Add(%x, %t)
        null | %m = Add(%t, %x)
        null | %m = Add(%f1, %any)
        null | %c = Cast<to=1>(%any); %m = Add(%c, %t)
        null | %m = Where(%q, %f1, %f0)
        null | %m = Where(%a, %x, %f0)
        null | %m = Where(%a, %f1, %x)
        null | %m = Trilu(%x)
        null | %m = Trilu(%t, %k)
        null | %m = Trilu<upper=0>(%row, %k1)
        null | %m = Expand(%t, %sizes)
        null | %m = Slice(%t, %at, %i3, %i1)
        null | %m = Slice(%t, %i0, %at, %i1)
        null | %m = Slice(%t, %i0, %i2, %at)
        null | %m = Slice(%t, %i0, %i2, %i1, %at)
        null | %m = Not(%q)
        null | %m = Expand(%f2, %dims)
        """)
    void unknownOperandsAreNoMasks(String mask, String nodes) {
        String inputs =
                "%x: f32[3,3], %any: f32[*], %q: bool[3,3], %k: i64[], %sizes: i64[2], %at: i64[1], %row: f32[3,3], %dims: i64[d]";
        assertThat(found(inputs, nodes)).isEqualTo(mask);
    }

    private static final String SIZES = "%xs = Shape(%x); %n = Gather(%xs, %k0); %nu = Unsqueeze(%n, %i0); ";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1.0 0.0 0 3 n | %m = Slice(%t, %i0, %nu, %i1)
        null | %m = Slice(%t, %i1, %nu, %i1)
        1.0 0.0 0 n 3 | %m = Slice(%t, %i0, %nu, %i0)
        null | %c = const f32[2,3] {1, 0, 0, 1, 1, 0}; %m = Slice(%c, %i0, %nu, %i0)
        null | %c = Slice(%t, %i1, %i3, %i0); %m = Slice(%c, %i0, %nu, %i0)
        null | %c = const f32[3,1] {1, 1, 1}; %d = Trilu<upper=0>(%c); %m = Slice(%d, %i0, %nu, %i1)
        null | %nn = Neg(%nu); %m = Slice(%t, %nn, %i3, %i1)
        null | %m = Slice(%u, %i0, %nu, %i0)
        null | %c = Slice(%t, %i0, %nu, %i1); %d = Shape(%c); %o = Expand(%f1, %d); %l = Trilu<upper=0>(%o); %m = Mul(%c, %l)
        null | %c = Slice(%t, %i0, %nu, %i0); %d = Shape(%c); %o = Expand(%f1, %d); %l = Trilu<upper=0>(%o); %m = Mul(%c, %l)
        1.0 0.0 n 3 3 | %m = Trilu<upper=0>(%ones, %n)
        1.0 0.0 0 3 3 | %l = Trilu<upper=0>(%ones, %n); %m = And(%l, %a)
        null | %l = Trilu<upper=0>(%ones, %n); %k = Trilu<upper=0>(%ones, %q); %m = And(%l, %k)
        """)
    void partsOfUnknownSize(String mask, String nodes) {
        String sizes = SIZES + "%zs = Shape(%z); %q = Gather(%zs, %k0); ";
        assertThat(found("%x: f32[n], %z: f32[q]", sizes + nodes)).isEqualTo(mask);
    }

    @Test
    void aMaskSpansScores() {
        Dim two = Dim.of(2);
        Dim three = Dim.of(3);
        assertThat(new CausalMask(1, 0, Dim.of(0), two, three).spans(two, three)).isTrue();
        assertThat(new CausalMask(1, 0, Dim.of(1), two, three).spans(two, three)).isTrue();
        assertThat(new CausalMask(1, 0, Dim.of(1), three, three).spans(three, three))
                .isFalse();
        assertThat(new CausalMask(1, 0, Dim.of(0), two, three).spans(three, three))
                .isFalse();
        assertThat(new CausalMask(1, 0, Dim.of(0), two, three).spans(two, two)).isFalse();
        assertThat(new CausalMask(1, 1, null, null, null).spans(two, three)).isFalse();
        assertThat(new CausalMask(1, 0, Dim.of(0), two, three).startsInside()).isTrue();
        assertThat(new CausalMask(1, 0, Dim.of(-1), two, three).startsInside()).isFalse();
        assertThat(new CausalMask(1, 1, null, null, null).startsInside()).isFalse();
        assertThat(CausalMask.of(null)).isNull();
    }

    @Test
    void textsAndComplexNumbersAreNoMasks() {
        for (DType type : List.of(DType.STRING, DType.COMPLEX64)) {
            Value v = new GraphBuilder("g").constant("c", Tensor.allocate(type, 2));
            assertThat(CausalMask.of(v)).isNull();
        }
    }

    @Test
    void aLongChainIsNotFollowed() {
        for (int length : new int[] {90, 120}) {
            StringBuilder nodes = new StringBuilder("%m0 = Not(%a)");
            for (int i = 1; i < length; i++) {
                nodes.append("; %%m%d = Not(%%m%d)".formatted(i, i - 1));
            }
            String last = "; %m = Not(%m" + (length - 1) + ")";
            assertThat(found("", nodes + last)).isEqualTo(length == 90 ? "0.0 1.0 0 3 3" : "null");
        }
    }

    private static final String POSITIONS = "%j = Range(%k0, %k3, %k1); %i = Unsqueeze(%j, %i1); ";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1.0 0.0 0 3 3 | %m = LessOrEqual(%j, %i)
        1.0 0.0 -1 3 3 | %m = Less(%j, %i)
        1.0 0.0 0 3 3 | %m = GreaterOrEqual(%i, %j)
        1.0 0.0 -1 3 3 | %m = Greater(%i, %j)
        0.0 1.0 -1 3 3 | %m = LessOrEqual(%i, %j)
        0.0 1.0 0 3 3 | %m = Less(%i, %j)
        null | %m = Equal(%i, %j)
        null | %m = Less(%j, %j)
        null | %c = Unsqueeze(%j, %i0); %m = LessOrEqual(%c, %c)
        1.0 0.0 1 3 3 | %c = Sub(%j, %k1); %m = LessOrEqual(%c, %i)
        1.0 0.0 -1 3 3 | %c = Add(%k1, %j); %m = LessOrEqual(%c, %i)
        null | %c = Sub(%k1, %j); %m = LessOrEqual(%c, %i)
        null | %c = Mul(%j, %k1); %m = LessOrEqual(%c, %i)
        null | %c = Add(%j, %j); %m = LessOrEqual(%c, %i)
        null | %c = Range(%k0, %k3, %k2); %m = LessOrEqual(%c, %i)
        1.0 0.0 -1 3 2 | %c = Range(%k1, %k3, %k1); %m = LessOrEqual(%c, %i)
        1.0 0.0 0 3 3 | %c = const i64[3] {0, 1, 2}; %m = LessOrEqual(%c, %i)
        1.0 0.0 0 3 3 | %c = const f32[3] {0, 1, 2}; %f = Cast<to=1>(%i); %m = LessOrEqual(%c, %f)
        null | %c = const i64[3] {0, 1, 3}; %m = LessOrEqual(%c, %i)
        null | %c = const f64[3] {0, 1, 2}; %f = Cast<to=11>(%i); %m = LessOrEqual(%c, %f)
        null | %c = const f32[3] {0.5, 1.5, 2.5}; %f = Cast<to=1>(%i); %m = LessOrEqual(%c, %f)
        1.0 0.0 0 3 3 | %c = Unsqueeze(%j, %i0); %m = LessOrEqual(%c, %i)
        null | %c = Cast<to=2>(%j); %d = Cast<to=7>(%c); %m = LessOrEqual(%d, %i)
        1.0 0.0 -16777216 3 3 | %far24 = const i64[] {16777216}; %c = Add(%j, %far24); %m = LessOrEqual(%c, %i)
        null | %far25 = const i64[] {16777217}; %c = Add(%j, %far25); %m = LessOrEqual(%c, %i)
        null | %c = const i64[2,2] {0, 1, 2, 3}; %m = LessOrEqual(%c, %k0)
        null | %c = const i64[2,1,1] {0, 1}; %m = LessOrEqual(%c, %i)
        """)
    void positionsAreCompared(String mask, String nodes) {
        assertThat(found("", POSITIONS + nodes)).isEqualTo(mask);
    }
}
