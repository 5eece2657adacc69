package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Einsum}. */
public final class EinsumCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("ij,jk->ik", new Einsum("ij,jk->ik"), steps(7, 2, 3), steps(5, 3, 4))
                        .expect(f32(dims(2, 4), -0.25f, 1.75f, 1.25f, 0.75f, -0.25f, 1.75f, 1.25f, 0.75f)),
                OpCase.of("ij, jk", new Einsum("ij, jk"), steps(7, 2, 3), steps(5, 3, 4))
                        .expect(f32(dims(2, 4), -0.25f, 1.75f, 1.25f, 0.75f, -0.25f, 1.75f, 1.25f, 0.75f)),
                OpCase.of("ij->ji", new Einsum("ij->ji"), steps(7, 2, 3))
                        .expect(f32(dims(3, 2), -0.5f, -0.5f, -0.5f, -0.5f, -0.5f, -0.5f)),
                OpCase.of("ij->", new Einsum("ij->"), steps(7, 2, 3)).expect(f32(dims(), -3)),
                OpCase.of("ii->i", new Einsum("ii->i"), steps(7, 3, 3)).expect(f32(dims(3), -0.5f, -0.5f, -0.5f)),
                OpCase.of("ii", new Einsum("ii"), steps(7, 3, 3)).expect(f32(dims(), -1.5f)),
                OpCase.of("i,j->ij", new Einsum("i,j->ij"), steps(5, 2), steps(7, 3))
                        .expect(f32(dims(2, 3), -0.25f, -0.25f, -0.25f, 1.25f, 1.25f, 1.25f)),
                OpCase.of("bij,bjk->bik", new Einsum("bij,bjk->bik"), steps(7, 2, 2, 3), steps(5, 2, 3, 2))
                        .expect(f32(dims(2, 2, 2), 0.75f, 0.25f, 0.75f, 0.25f, 0.25f, 2.25f, 0.25f, 2.25f)),
                OpCase.of("...ij,...jk->...ik", new Einsum("...ij,...jk->...ik"), steps(7, 2, 2, 3), steps(5, 3, 2))
                        .expect(f32(dims(2, 2, 2), 0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f, 0.75f, 0.25f)),
                OpCase.of("i...->...", new Einsum("i...->..."), steps(7, 2, 3, 2))
                        .expect(f32(dims(3, 2), -1, -1, -1, -1, -1, -1)),
                OpCase.of("...ij", new Einsum("...ij"), steps(5, 2, 2, 3))
                        .expect(f32(dims(2, 2, 3), "0.5 -2.5 -0.5 1.5 -1.5 0.5 -2.5 -0.5 1.5 -1.5 0.5 -2.5")),
                OpCase.of("ij,jk,kl->il", new Einsum("ij,jk,kl->il"), steps(7, 2, 3), steps(5, 3, 4), steps(9, 4, 2))
                        .expect(f32(dims(2, 2), 2.5f, 2.25f, 2.5f, 2.25f)),
                OpCase.of("a,b,c->", new Einsum("a,b,c->"), steps(5, 3), steps(7, 2), steps(9, 4))
                        .expect(f32(dims(), 0)),
                OpCase.of("ij,ij->i", new Einsum("ij,ij->i"), steps(7, 2, 3), steps(5, 2, 3))
                        .expect(f32(dims(2), 1.25f, -0.25f)),
                OpCase.of("iij,jk->ik", new Einsum("iij,jk->ik"), steps(7, 2, 2, 3), steps(5, 3, 4))
                        .expect(f32(dims(2, 4), -0.25f, 1.75f, 1.25f, 0.75f, -0.25f, 1.75f, 1.25f, 0.75f)),
                OpCase.of("ba,ca->", new Einsum("ba,ca->"), steps(7, 2, 3), steps(5, 4, 3))
                        .expect(f32(dims(), 7)),
                OpCase.of("bhwc,hkc->bhwk", new Einsum("bhwc,hkc->bhwk"), steps(7, 1, 2, 2, 3), steps(5, 2, 2, 3))
                        .expect(f32(dims(1, 2, 2, 2), 1.25f, -0.25f, 1.25f, -0.25f, 0.75f, 1.75f, 0.75f, 1.75f)),
                OpCase.of("scalar", new Einsum("->"), f32(dims(), 3)).expect(f32(dims(), 3)),
                OpCase.of("dimension of one", new Einsum("ij,ij->ij"), f32(dims(2, 1), 2, 3), f32(dims(1, 2), 5, 7))
                        .expect(f32(dims(2, 2), 10, 14, 15, 21)),
                OpCase.of(
                                "bytes wrap",
                                new Einsum("i,i"),
                                ints(DType.INT8, dims(2), 100, 1),
                                ints(DType.INT8, dims(2), 2, 3))
                        .expect(ints(DType.INT8, dims(), -53)),
                OpCase.of("empty sum", new Einsum("ij->i"), f32(dims(2, 0))).expect(f32(dims(2), 0, 0)),
                OpCase.of(
                        "float16",
                        new Einsum("ij,jk->ik"),
                        random(DType.FLOAT16, 1, 3, 5),
                        random(DType.FLOAT16, 2, 5, 2)),
                OpCase.of("dimensions differ", new Einsum("ij,jk->ik"), steps(7, 2, 3), steps(5, 4, 2))
                        .fails("of one label"),
                OpCase.of("rank differs", new Einsum("ijk->i"), steps(7, 2, 3)).fails("the rank of its term"),
                OpCase.of("number of operands", new Einsum("ij,jk->ik"), steps(7, 2, 3))
                        .fails("1 inputs for equation"));
    }
}
