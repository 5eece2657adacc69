package dev.tenon.asm;

import static dev.tenon.asm.Address.at;
import static dev.tenon.asm.Gpr.R10;
import static dev.tenon.asm.Gpr.R11;
import static dev.tenon.asm.Gpr.R12;
import static dev.tenon.asm.Gpr.R13;
import static dev.tenon.asm.Gpr.R14;
import static dev.tenon.asm.Gpr.R15;
import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.R9;
import static dev.tenon.asm.Gpr.RAX;
import static dev.tenon.asm.Gpr.RBP;
import static dev.tenon.asm.Gpr.RBX;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDI;
import static dev.tenon.asm.Gpr.RSP;
import static dev.tenon.asm.VectorRegister.xmm;
import static dev.tenon.asm.VectorRegister.ymm;
import static dev.tenon.asm.VectorRegister.zmm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Bytes of instructions as GNU as gives them, one test for each way in which an encoding can go wrong. */
class X64AssemblerTest {
    private static final MaskRegister K1 = new MaskRegister(1);
    private static final MaskRegister K7 = new MaskRegister(7);

    private static X64Assembler any() {
        return new X64Assembler(EnumSet.allOf(InstructionSet.class));
    }

    private static void golden(String bytes, Consumer<X64Assembler> instruction) {
        X64Assembler a = any();
        instruction.accept(a);
        assertThat(HexFormat.ofDelimiter(" ").formatHex(a.toBytes())).isEqualTo(bytes);
    }

    private static TileRegister tmm(int number) {
        return new TileRegister(number);
    }

    @Test
    void rspAndR12AsBaseNeedASecondByte() {
        golden("48 8b 04 24", a -> a.mov(RAX, at(RSP, 0)));
        golden("49 8b 04 24", a -> a.mov(RAX, at(R12, 0)));
        golden("4c 89 7c 24 08", a -> a.store(at(RSP, 8), R15));
        golden("41 89 44 24 08", a -> a.store32(at(R12, 8), RAX));
        golden("41 0f 18 4c 24 40", a -> a.prefetch(at(R12, 64)));
        golden("c4 e1 6c 58 0c 24", a -> a.emit(VectorInstruction.VADDPS, ymm(1), ymm(2), at(RSP, 0)));
    }

    @Test
    void rbpAndR13AsBaseNeedADisplacement() {
        golden("48 8b 45 00", a -> a.mov(RAX, at(RBP, 0)));
        golden("49 8b 45 00", a -> a.mov(RAX, at(R13, 0)));
        golden("4b 8b 44 fd 00", a -> a.mov(RAX, at(R13, R15, 8, 0)));
        golden("49 0f af 45 00", a -> a.imul(RAX, at(R13, 0)));
        golden("c4 c1 6c 58 4d 00", a -> a.emit(VectorInstruction.VADDPS, ymm(1), ymm(2), at(R13, 0)));
        golden("62 51 4c 40 58 4d 00", a -> a.emit(VectorInstruction.VADDPS, zmm(9), zmm(22), at(R13, 0)));
    }

    @Test
    void r12IsAnIndexAndRspIsNone() {
        golden("4a 8b 04 a4", a -> a.mov(RAX, at(RSP, R12, 4, 0)));
        golden("48 8b 44 45 08", a -> a.mov(RAX, at(RBP, RAX, 2, 8)));
        golden("4c 8d 04 48", a -> a.lea(R8, at(RAX, RCX, 2, 0)));
        golden(
                "c4 81 6c 58 8c b4 90 01 00 00",
                a -> a.emit(VectorInstruction.VADDPS, ymm(1), ymm(2), at(R12, R14, 4, 400)));
        assertThatIllegalArgumentException().isThrownBy(() -> at(RAX, RSP, 1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> at(RAX, RCX, 3, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> at(RAX, RCX, 16, 0));
    }

    @Test
    void displacementsOfOneByteEndAt127() {
        golden("48 8b 40 7f", a -> a.mov(RAX, at(RAX, 127)));
        golden("48 8b 80 80 00 00 00", a -> a.mov(RAX, at(RAX, 128)));
        golden("48 8b 40 80", a -> a.mov(RAX, at(RAX, -128)));
        golden("48 8b 80 7f ff ff ff", a -> a.mov(RAX, at(RAX, -129)));
        golden("4f 8b 8c 10 2c 01 00 00", a -> a.mov(R9, at(R8, R10, 1, 300)));
        golden("c4 e1 6c 58 48 40", a -> a.emit(VectorInstruction.VADDPS, ymm(1), ymm(2), at(RAX, 64)));
    }

    @Test
    void evexCountsDisplacementsInUnits() {
        golden("62 f1 6c 48 58 48 01", a -> a.emit(VectorInstruction.VADDPS, zmm(1), zmm(2), at(RAX, 64)));
        golden("62 f1 6c 48 58 48 80", a -> a.emit(VectorInstruction.VADDPS, zmm(1), zmm(2), at(RAX, -8192)));
        golden("62 f1 6c 48 58 48 7f", a -> a.emit(VectorInstruction.VADDPS, zmm(1), zmm(2), at(RAX, 8128)));
        golden("62 f1 6c 48 58 88 00 20 00 00", a -> a.emit(VectorInstruction.VADDPS, zmm(1), zmm(2), at(RAX, 8192)));
        golden("62 f1 6c 48 58 88 41 00 00 00", a -> a.emit(VectorInstruction.VADDPS, zmm(1), zmm(2), at(RAX, 65)));
        golden("62 b1 6c 48 58 4c e4 02", a -> a.emit(VectorInstruction.VADDPS, zmm(1), zmm(2), at(RSP, R12, 8, 128)));
        golden("62 92 7d 48 18 5c 88 03", a -> a.emit(VectorInstruction.VBROADCASTSS, zmm(3), at(R8, R9, 4, 12)));
        golden("62 f2 7d 48 31 50 01", a -> a.emit(VectorInstruction.VPMOVZXBD, zmm(2), at(RAX, 16)));
        golden("62 73 7d 48 1d 48 01 00", a -> a.emit(VectorInstruction.VCVTPS2PH, at(RAX, 32), zmm(9), 0));
        golden("62 73 fd 48 1b 48 01 01", a -> a.emit(VectorInstruction.VEXTRACTF64X4, at(RAX, 32), zmm(9), 1));
    }

    @Test
    void oneElementOfMemoryStandsForAVector() {
        golden(
                "62 f1 6c 58 58 48 01",
                a -> a.emit(VectorInstruction.VADDPS, zmm(1), zmm(2), at(RAX, 4).broadcasting()));
        golden(
                "62 f1 6c 38 58 48 7f",
                a -> a.emit(
                        VectorInstruction.VADDPS, ymm(1), ymm(2), at(RAX, 508).broadcasting()));
        golden(
                "62 f1 6c 18 58 88 00 02 00 00",
                a -> a.emit(
                        VectorInstruction.VADDPS, xmm(1), xmm(2), at(RAX, 512).broadcasting()));
        golden(
                "62 f2 6d 58 50 48 02",
                a -> a.emit(
                        VectorInstruction.VPDPBUSD, zmm(1), zmm(2), at(RAX, 8).broadcasting()));
        refused(a -> a.emit(VectorInstruction.VMOVUPS, zmm(1), at(RAX, 0).broadcasting()));
        refused(a -> a.emit(VectorInstruction.VMOVUPS_STORE, at(RAX, 0).broadcasting(), zmm(1)));
        refused(a -> a.emit(VectorInstruction.VPADDW, zmm(1), zmm(2), at(RAX, 0).broadcasting()));
        refused(a -> a.emit(VectorInstruction.VPXOR, ymm(1), ymm(2), at(RAX, 0).broadcasting()));
    }

    @Test
    void registersAbove15SetBitsInEachField() {
        golden("62 e1 6c 28 58 c3", a -> a.emit(VectorInstruction.VADDPS, ymm(16), ymm(2), ymm(3)));
        golden("62 f1 7c 20 58 cb", a -> a.emit(VectorInstruction.VADDPS, ymm(1), ymm(16), ymm(3)));
        golden("62 b1 6c 28 58 c8", a -> a.emit(VectorInstruction.VADDPS, ymm(1), ymm(2), ymm(16)));
        golden("62 01 0c 40 58 fd", a -> a.emit(VectorInstruction.VADDPS, zmm(31), zmm(30), zmm(29)));
        golden("62 e2 7d 48 18 cb", a -> a.emit(VectorInstruction.VBROADCASTSS, zmm(17), xmm(3)));
        golden("62 b1 0d 40 72 f4 1f", a -> a.emit(VectorInstruction.VPSLLD, zmm(30), zmm(20), 31));
        golden("62 42 7d 48 7c ca", a -> a.emit(VectorInstruction.VPBROADCASTD_GPR, zmm(25), R10));
        golden("62 e1 7d 08 6e d8", a -> a.emit(VectorInstruction.VMOVD, xmm(19), RAX));
        refused(a -> a.emit(VectorInstruction.VPXOR, ymm(16), ymm(2), ymm(3)));
        refused(a -> a.emit(VectorInstruction.VPXOR, ymm(1), ymm(16), ymm(3)));
        refused(a -> a.emit(VectorInstruction.VPXOR, ymm(1), ymm(2), ymm(16)));
        refused(a -> a.emit(VectorInstruction.VPXOR, zmm(1), zmm(2), zmm(3)));
    }

    @Test
    void masksSelectElements() {
        golden("62 f1 6c 49 58 cb", a -> a.emit(VectorInstruction.VADDPS, zmm(1).masked(K1), zmm(2), zmm(3)));
        golden("62 f1 6c af 58 cb", a -> a.emit(VectorInstruction.VADDPS, ymm(1).zeroed(K7), ymm(2), ymm(3)));
        golden("62 f1 7c c9 10 6f 02", a -> a.emit(VectorInstruction.VMOVUPS, zmm(5).zeroed(K1), at(RDI, 128)));
        golden(
                "62 e1 7c 49 11 67 02",
                a -> a.emit(VectorInstruction.VMOVUPS_STORE, at(RDI, 128).masked(K1), zmm(20)));
        golden(
                "62 72 7e 49 31 48 01",
                a -> a.emit(VectorInstruction.VPMOVDB_STORE, at(RAX, 16).masked(K1), zmm(9)));
        golden(
                "62 f1 64 48 c2 d4 01",
                a -> a.emit(VectorInstruction.VCMPPS_MASK, new MaskRegister(2), zmm(3), zmm(4), 1));
        // Without a form for masks the mask would be lost.
        refused(a -> a.emit(VectorInstruction.VPXOR, ymm(1).masked(K1), ymm(2), ymm(3)));
        refused(a -> a.emit(VectorInstruction.VMOVQ_STORE, at(RAX, 0).masked(K1), xmm(3)));
        assertThatIllegalArgumentException().isThrownBy(() -> new MaskRegister(0));
        assertThatIllegalArgumentException().isThrownBy(() -> new MaskRegister(8));
        assertThatIllegalArgumentException().isThrownBy(() -> new VectorRegister(1, 512, 8, false));
        assertThatIllegalArgumentException().isThrownBy(() -> new VectorRegister(1, 512, 0, true));
        assertThatIllegalArgumentException().isThrownBy(() -> new Address(RAX, null, 1, 0, false, 8));
    }

    @Test
    void vexIsChosenWhereItCan() {
        golden("c4 e1 68 58 cb", a -> a.emit(VectorInstruction.VADDPS, xmm(1), xmm(2), xmm(3)));
        golden("c4 41 2c 58 cb", a -> a.emit(VectorInstruction.VADDPS, ymm(9), ymm(10), ymm(11)));
        golden("62 f1 6c 48 58 cb", a -> a.emit(VectorInstruction.VADDPS, zmm(1), zmm(2), zmm(3)));
        golden("c4 e1 7c 11 af 80 00 00 00", a -> a.emit(VectorInstruction.VMOVUPS_STORE, at(RDI, 128), ymm(5)));
        golden("c4 82 7d 18 5c 88 0c", a -> a.emit(VectorInstruction.VBROADCASTSS, ymm(3), at(R8, R9, 4, 12)));
        golden("c4 e2 7d 31 50 08", a -> a.emit(VectorInstruction.VPMOVZXBD, ymm(2), at(RAX, 8)));
        golden("c4 c1 79 6e d9", a -> a.emit(VectorInstruction.VMOVD, xmm(3), R9));
        golden("c4 e3 6d 4a cb 40", a -> a.emit(VectorInstruction.VBLENDVPS, ymm(1), ymm(2), ymm(3), 4 << 4));
        golden("c4 e2 6d 2c 08", a -> a.emit(VectorInstruction.VMASKMOVPS, ymm(1), ymm(2), at(RAX, 0)));
        golden("c4 62 6d 2e 08", a -> a.emit(VectorInstruction.VMASKMOVPS_STORE, at(RAX, 0), ymm(2), ymm(9)));
        golden("c4 c1 78 92 d9", a -> a.emit(VectorInstruction.KMOVW, new MaskRegister(3), R9));
        golden("c4 e1 fb 92 d8", a -> a.emit(VectorInstruction.KMOVQ, new MaskRegister(3), RAX));
    }

    /** The VEX form shifts registers only. */
    @Test
    void shiftsOfMemoryNeedEvex() {
        golden("c4 c1 35 72 d2 03", a -> a.emit(VectorInstruction.VPSRLD, ymm(9), ymm(10), 3));
        golden("62 f1 35 28 72 50 01 03", a -> a.emit(VectorInstruction.VPSRLD, ymm(9), at(RAX, 32), 3));
        X64Assembler narrow = new X64Assembler(Set.of(InstructionSet.AVX2));
        assertThatIllegalStateException()
                .isThrownBy(() -> narrow.emit(VectorInstruction.VPSRLD, ymm(9), at(RAX, 32), 3))
                .withMessageContaining("AVX512");
    }

    @Test
    void dotProductsOfBytesHaveTwoForms() {
        golden("62 f2 6d 48 50 cb", a -> a.emit(VectorInstruction.VPDPBUSD, zmm(1), zmm(2), zmm(3)));
        golden("62 f2 6d 28 50 cb", a -> a.emit(VectorInstruction.VPDPBUSD, ymm(1), ymm(2), ymm(3)));
        golden("c4 e2 6d 50 08", a -> a.emit(VectorInstruction.VPDPBUSD_VEX, ymm(1), ymm(2), at(RAX, 0)));
        golden("62 62 76 48 52 fa", a -> a.emit(VectorInstruction.VDPBF16PS, zmm(31), zmm(1), zmm(2)));
        refused(a -> a.emit(VectorInstruction.VPDPBUSD_VEX, zmm(1), zmm(2), zmm(3)));
    }

    /** A is in ModRM.rm and B in VEX.vvvv. */
    @Test
    void tilesHaveTheirOperandsInAnotherOrder() {
        golden("c4 e2 61 5e ca", a -> a.emit(VectorInstruction.TDPBUSD, tmm(1), tmm(2), tmm(3)));
        golden("c4 e2 63 5e ca", a -> a.emit(VectorInstruction.TDPBSSD, tmm(1), tmm(2), tmm(3)));
        golden("c4 e2 62 5e ca", a -> a.emit(VectorInstruction.TDPBSUD, tmm(1), tmm(2), tmm(3)));
        golden("c4 e2 60 5e ca", a -> a.emit(VectorInstruction.TDPBUUD, tmm(1), tmm(2), tmm(3)));
        golden("c4 e2 4a 5c fd", a -> a.emit(VectorInstruction.TDPBF16PS, tmm(7), tmm(5), tmm(6)));
        golden("c4 e2 7b 4b 0c 08", a -> a.emit(VectorInstruction.TILELOADD, tmm(1), at(RAX, RCX, 1, 0)));
        golden("c4 82 7b 4b 7c 2c 40", a -> a.emit(VectorInstruction.TILELOADD, tmm(7), at(R12, R13, 1, 64)));
        golden("c4 e2 79 4b 0c 08", a -> a.emit(VectorInstruction.TILELOADDT1, tmm(1), at(RAX, RCX, 1, 0)));
        golden("c4 a2 7b 4b 74 35 00", a -> a.emit(VectorInstruction.TILELOADD, tmm(6), at(RBP, R14, 1, 0)));
        golden("c4 e2 7b 4b 24 fc", a -> a.emit(VectorInstruction.TILELOADD, tmm(4), at(RSP, RDI, 8, 0)));
        golden(
                "c4 a2 7a 4b bc 27 00 08 00 00",
                a -> a.emit(VectorInstruction.TILESTORED, at(RDI, R12, 1, 2048), tmm(7)));
        golden("c4 e2 7a 4b 14 08", a -> a.emit(VectorInstruction.TILESTORED, at(RAX, RCX, 1, 0), tmm(2)));
        golden("c4 e2 7b 49 e8", a -> a.tilezero(tmm(5)));
        golden("c4 e2 78 49 07", a -> a.ldtilecfg(at(RDI, 0)));
        golden("c4 c2 78 49 44 24 40", a -> a.ldtilecfg(at(R12, 64)));
        golden("c4 e2 78 49 c0", X64Assembler::tilerelease);
        // The index holds the bytes of a row.
        refused(a -> a.emit(VectorInstruction.TILELOADD, tmm(1), at(RAX, 0)));
        refused(a -> a.emit(VectorInstruction.TILELOADDT1, tmm(1), at(RAX, 0)));
        refused(a -> a.emit(VectorInstruction.TILESTORED, at(RAX, 0), tmm(1)));
        refused(a -> a.emit(VectorInstruction.TDPBUSD, tmm(1), tmm(2), at(RAX, RCX, 1, 0)));
        assertThatIllegalArgumentException().isThrownBy(() -> tmm(8));
    }

    @Test
    void integers() {
        golden("8b 03", a -> a.mov32(RAX, at(RBX, 0)));
        golden("44 8b 3b", a -> a.mov32(R15, at(RBX, 0)));
        golden("48 c7 c7 ff ff ff ff", a -> a.mov(RDI, -1L));
        golden("49 c7 c3 ff ff ff 7f", a -> a.mov(R11, 0x7FFF_FFFFL));
        golden("48 b8 00 00 00 80 00 00 00 00", a -> a.mov(RAX, 0x8000_0000L));
        golden("49 b9 aa aa aa aa aa aa aa aa", a -> a.mov(R9, 0xAAAA_AAAA_AAAA_AAAAL));
        golden("48 83 c0 7f", a -> a.add(RAX, 127));
        golden("49 81 c0 80 00 00 00", a -> a.add(R8, 128));
        golden("49 83 ec 80", a -> a.sub(R12, -128));
        golden("48 83 e4 c0", a -> a.and(RSP, -64));
        golden("49 83 f8 01", a -> a.cmp(R8, 1));
        golden("4c 3b 47 08", a -> a.cmp(R8, at(RDI, 8)));
        golden("4d 0f af ca", a -> a.imul(R9, R10));
        golden("4d 85 c0", a -> a.test(R8));
        golden("48 c1 e1 03", a -> a.shl(RCX, 3));
        golden("49 c1 ee 3f", a -> a.shr(R14, 63));
        golden("0f 18 08", a -> a.prefetch(at(RAX, 0)));
    }

    @Test
    void instructionsWithoutOperands() {
        golden("c5 f8 77", X64Assembler::vzeroupper);
        golden("0f a2", X64Assembler::cpuid);
        golden("0f 01 d0", X64Assembler::xgetbv);
        golden("c3", X64Assembler::ret);
    }

    @Test
    void jumpsLeadForwardAndBackward() {
        Label start = new Label();
        Label end = new Label();
        X64Assembler a = any();
        a.jmp(end);
        a.bind(start);
        a.jump(Condition.NOT_EQUAL, end);
        a.jump(Condition.LESS, start);
        a.jmp(start);
        a.bind(end);
        a.jump(Condition.EQUAL, end);
        a.ret();
        assertThat(HexFormat.of().formatHex(a.toBytes()))
                .isEqualTo("e911000000" + "0f850b000000" + "0f8cf4ffffff" + "e9efffffff" + "0f84faffffff" + "c3");
    }

    @Test
    void aLabelIsBoundOnce() {
        X64Assembler a = any();
        Label label = new Label();
        a.bind(label);
        assertThatIllegalStateException().isThrownBy(() -> a.bind(label)).withMessageContaining("bound already");
    }

    @Test
    void jumpsToNowhereAreRefused() {
        X64Assembler a = any();
        Label label = new Label();
        a.jmp(label);
        a.jump(Condition.EQUAL, label);
        assertThatIllegalStateException().isThrownBy(a::toBytes).withMessageContaining("2 jumps");
        a.bind(label);
        assertThat(a.toBytes()).hasSize(11);
    }

    @Test
    void loopsStartOnAMultipleOf32() {
        for (int before = 0; before <= 70; before++) {
            X64Assembler a = any();
            for (int i = 0; i < before; i++) {
                a.ret();
            }
            a.align();
            assertThat(a.size()).isEqualTo((before + 31) / 32 * 32);
        }
        X64Assembler a = any();
        for (int i = 0; i < 17; i++) {
            a.ret();
        }
        a.align();
        assertThat(HexFormat.of().formatHex(a.toBytes(), 17, 32)).isEqualTo("0f1f840000000000" + "0f1f8000000000");
    }

    @Test
    void instructionSetsThatAreNotAllowedAreRefused() {
        X64Assembler narrow = new X64Assembler(Set.of(InstructionSet.AVX2));
        assertThatIllegalStateException()
                .isThrownBy(() -> narrow.emit(VectorInstruction.VADDPS, zmm(1), zmm(2), zmm(3)))
                .withMessage("VADDPS needs AVX512, which is not among [AVX2]");
        assertThatIllegalStateException()
                .isThrownBy(() -> narrow.emit(VectorInstruction.VADDPS, ymm(1), ymm(2), ymm(16)));
        assertThatIllegalStateException()
                .isThrownBy(() -> narrow.emit(VectorInstruction.VPDPBUSD_VEX, ymm(1), ymm(2), ymm(3)))
                .withMessageContaining("AVX_VNNI");
        assertThatIllegalStateException().isThrownBy(narrow::tilerelease).withMessageContaining("AMX_INT8");
        X64Assembler none = new X64Assembler(Set.of());
        assertThatIllegalStateException().isThrownBy(() -> none.emit(VectorInstruction.VADDPS, ymm(1), ymm(2), ymm(3)));
        assertThat(narrow.size()).isZero();
    }

    @Test
    void whatHasNoEncodingIsRefused() {
        refused(a -> a.emit(VectorInstruction.VPERMD, xmm(1), xmm(2), xmm(3)));
        refused(a -> a.emit(VectorInstruction.VEXTRACTF64X4, xmm(1), ymm(2), 1));
        refused(a -> a.emit(VectorInstruction.VINSERTF128, xmm(1), xmm(2), xmm(3), 1));
        refused(a -> a.emit(VectorInstruction.VMOVD, ymm(1), at(RAX, 0)));
        refused(a -> a.emit(VectorInstruction.VMOVD, xmm(1), xmm(2)));
        refused(a -> a.emit(VectorInstruction.VADDPS, ymm(1), ymm(2), RAX));
        refused(a -> a.emit(VectorInstruction.VMASKMOVPS, ymm(1), ymm(2), ymm(3)));
        refused(a -> a.emit(VectorInstruction.KMOVW, new MaskRegister(1), at(RAX, 0)));
        // Which half of memory it would read can't be told.
        refused(a -> a.emit(VectorInstruction.VCVTNEPS2BF16, ymm(1), at(RAX, 0)));
        // A byte too few, or too many, would make other instructions of all that follow.
        refused(a -> a.emit(VectorInstruction.VSHUFPS, ymm(1), ymm(2), ymm(3)));
        refused(a -> a.emit(VectorInstruction.VPSRLD, ymm(1), ymm(2)));
        refused(a -> a.emit(VectorInstruction.VADDPS, ymm(1), ymm(2), ymm(3), 1));
        refused(a -> a.emit(VectorInstruction.VMOVUPS, ymm(1), ymm(2), 1));
    }

    private static void refused(Consumer<X64Assembler> instruction) {
        X64Assembler a = any();
        assertThatIllegalArgumentException().isThrownBy(() -> instruction.accept(a));
        assertThat(a.size()).isZero();
    }
}
