package dev.tenon.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.plan.Compiler;
import dev.tenon.plan.Program;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The plans of a session's program and of its bodies share one bound of memory. */
@Tag("short")
class SessionPlansTest {
    private static final int LOOPS = 40;
    private static final int SHAPES = 12;

    /** What the loop adds follows from the shape of x, and an If makes the graph be compiled again for each shape. */
    private static final String CAPTURED_SHAPE = """
        graph (%x: f32[n]) {
          %shape = Shape(%x)
          %none = const i64[1] {0}
          %any = Greater(%shape, %none)
          %flag = Squeeze(%any)
          %y = If<then_branch=graph a() {
              %r = const f32[1] {0}
              return %r
            }, else_branch=graph b() {
              %r = const f32[1] {1}
              return %r
            }>(%flag)
          %many = const i64[] {2}
          %true = const bool[] {true}
          %z = Add(%x, %y)
          %w = Loop<body=graph body(%i: i64[], %go: bool[], %v: f32[n], %s: i64[1]) {
                  %f = Cast<to=1>(%s)
                  %next = Add(%v, %f)
                  return %go, %next
                }, carried=1>(%many, %true, %z, %shape)
          return %w
        }
        """;

    private static Executor executor(String text, long maxPlanBytes) {
        CallLimits none = CallLimits.NONE;
        CallLimits limits = new CallLimits(
                none.maxTensorBytes(), none.call(), none.preparation(), none.maxIterations(), maxPlanBytes);
        Compiler compiler = new Compiler(CoreKernels.set(), Capabilities.SCALAR, Compiler.Optimization.FULL);
        Program program = compiler.compile(SmallModels.model(text).graph());
        return new Executor(program, compiler, limits, 1, null);
    }

    private static float first(Executor executor, int n) {
        ExecutionContext context = executor.acquire();
        try {
            context.inputs()[0] = Tensor.allocate(DType.FLOAT32, n);
            executor.run(context);
            return ((Tensor) context.outputs()[0]).getFloat(0);
        } finally {
            executor.release(context);
        }
    }

    private static String manyLoops() {
        StringBuilder text = new StringBuilder("graph (%x0: f32[n]) {\n  %many = const i64[] {2}\n");
        for (int i = 0; i < LOOPS; i++) {
            text.append("""
                  %xNEXT = Loop<body=graph body(%i: i64[], %go: bool[], %v: f32[n]) {
                      %a = Tanh(%v) %b = Neg(%a) %next = Neg(%b)
                      return %go, %next
                    }, carried=1>(%many, _, %xLAST)
                """.replace("NEXT", Integer.toString(i + 1)).replace("LAST", Integer.toString(i)));
        }
        return text.append("  return %x").append(LOOPS).append("\n}\n").toString();
    }

    @Test
    void oneBoundForAllBodies() {
        long bound = 64 << 10;
        Executor executor = executor(manyLoops(), bound);
        long most = 0;
        for (int n = 1; n <= SHAPES; n++) {
            assertThat(first(executor, n)).isZero();
            most = Math.max(most, executor.plans().heldBytes());
        }
        assertThat(most).isBetween(bound / 2, bound);
        Executor unbounded = executor(manyLoops(), Long.MAX_VALUE);
        for (int n = 1; n <= SHAPES; n++) {
            assertThat(first(unbounded, n)).isZero();
        }
        assertThat(unbounded.plans().heldBytes())
                .as("what these shapes take without a bound")
                .isGreaterThan(4 * bound);
    }

    /** Plans are dropped when memory runs short, and made again. */
    @Test
    void plansAreGivenBack() {
        Executor executor = executor(manyLoops(), Long.MAX_VALUE);
        assertThat(first(executor, 1)).isZero();
        assertThat(executor.plans().heldBytes()).isPositive();
        assertThat(executor.plans().giveBack()).isTrue();
        assertThat(executor.plans().heldBytes()).isZero();
        assertThat(executor.plans().planned()).isEmpty();
        assertThat(executor.plans().giveBack()).isFalse();
        assertThat(first(executor, 2)).isZero();
        assertThat(executor.plans().planned()).hasSize(1);
    }

    /** A body that is compiled for one shape goes with the plan of that shape. */
    @Test
    void bodiesOfOneShapeAreNotKept() {
        Executor executor = executor(CAPTURED_SHAPE, 0);
        Datum[] inputs = {Tensor.allocate(DType.FLOAT32, 3)};
        CachedPlan three = executor.plans().cached(inputs, null);
        assertThat(first(executor, 3)).isEqualTo(6);
        assertThat(executor.plans().cached(inputs, null)).isNotNull();
        for (int n = 1; n <= SHAPES; n++) {
            assertThat(first(executor, n)).isEqualTo(2 * n);
        }
        assertThat(executor.bodies().size())
                .as("executors of bodies that the session keeps")
                .isLessThanOrEqualTo(1);
        assertThat(three.bodies()).isNotSameAs(executor.bodies());
    }

    /** How many plans the bodies of a form have. */
    private static int plans(CachedPlan form) {
        int plans = 0;
        for (Node node : form.plan().program().graph().nodes()) {
            if (node.op() instanceof GraphOp control) {
                for (Graph body : control.bodies()) {
                    plans += form.bodies().of(body).plans().planned().size();
                }
            }
        }
        return plans;
    }

    /** Plans of bodies that no call can find again take no room. */
    @Test
    void plansOfBodiesGoWithTheFormThatHasThem() {
        Executor unbounded = executor(CAPTURED_SHAPE, Long.MAX_VALUE);
        assertThat(first(unbounded, 3)).isEqualTo(6);
        Executor executor = executor(CAPTURED_SHAPE, unbounded.plans().heldBytes());
        CachedPlan three = executor.plans().cached(new Datum[] {Tensor.allocate(DType.FLOAT32, 3)}, null);
        // A call uses the plan of a form before those of its bodies, so it is the oldest.
        assertThat(first(executor, 3)).isEqualTo(6);
        assertThat(plans(three)).isPositive();
        executor.plans().cached(new Datum[] {Tensor.allocate(DType.FLOAT32, 4)}, null);
        assertThat(executor.plans().planned()).hasSize(1);
        assertThat(plans(three)).isZero();
        assertThat(first(executor, 3)).isEqualTo(6);
    }
}
