package dev.tenon.asm;

import static dev.tenon.asm.InstructionSet.AMX_BF16;
import static dev.tenon.asm.InstructionSet.AMX_INT8;
import static dev.tenon.asm.InstructionSet.AVX2;
import static dev.tenon.asm.InstructionSet.AVX512;
import static dev.tenon.asm.InstructionSet.AVX512_BF16;
import static dev.tenon.asm.InstructionSet.AVX512_VNNI;
import static dev.tenon.asm.InstructionSet.AVX_VNNI;
import static dev.tenon.asm.VectorInstruction.Form.MR;
import static dev.tenon.asm.VectorInstruction.Form.RM;
import static dev.tenon.asm.VectorInstruction.Form.RMV;
import static dev.tenon.asm.VectorInstruction.Form.RVM;
import static dev.tenon.asm.VectorInstruction.Form.VM;
import static dev.tenon.asm.VectorInstruction.Prefix.P66;
import static dev.tenon.asm.VectorInstruction.Prefix.PF2;
import static dev.tenon.asm.VectorInstruction.Prefix.PF3;
import static dev.tenon.asm.VectorInstruction.Prefix.PNONE;
import static dev.tenon.asm.VectorInstruction.Tuple.EIGHTH;
import static dev.tenon.asm.VectorInstruction.Tuple.ELEMENT;
import static dev.tenon.asm.VectorInstruction.Tuple.FIXED16;
import static dev.tenon.asm.VectorInstruction.Tuple.FIXED32;
import static dev.tenon.asm.VectorInstruction.Tuple.HALF;
import static dev.tenon.asm.VectorInstruction.Tuple.QUARTER;
import static dev.tenon.asm.VectorInstruction.Tuple.WHOLE;

/**
 * Instructions on vectors, masks and tiles, with the numbers that the processor manual gives in lines such as {@code
 * EVEX.512.66.0F38.W0 B8 /r}. A loop names the instruction that it means, so loads and stores, and the encodings of one
 * mnemonic that need different instruction sets, are constants of their own.
 */
public enum VectorInstruction {
    // Moves.
    VMOVUPS(1, PNONE, 0x10, RM, WHOLE, 4, AVX2, AVX512),
    VMOVUPS_STORE(1, PNONE, 0x11, MR, WHOLE, 4, AVX2, AVX512),
    VMOVDQU8(1, PF2, 0x6F, RM, WHOLE, 1, null, AVX512),
    VMOVDQU8_STORE(1, PF2, 0x7F, MR, WHOLE, 1, null, AVX512),
    VMOVD(1, P66, 0x6E, RM, ELEMENT, 4, AVX2, AVX512),
    VMOVD_STORE(1, P66, 0x7E, MR, ELEMENT, 4, AVX2, AVX512),
    VMOVQ_STORE(1, P66, 0xD6, MR, EIGHTH, 8, AVX2, null),
    VMOVSS(1, PF3, 0x10, RM, ELEMENT, 4, AVX2, null),
    VMOVSS_STORE(1, PF3, 0x11, MR, ELEMENT, 4, AVX2, null),
    VMOVSD(1, PF2, 0x10, RM, ELEMENT, 8, AVX2, null),
    VMOVSD_STORE(1, PF2, 0x11, MR, ELEMENT, 8, AVX2, null),
    VMOVHPS(1, PNONE, 0x16, RVM, EIGHTH, 8, AVX2, null),
    VPINSRD(3, P66, 0x22, RVM, ELEMENT, 4, AVX2, null),
    VBROADCASTSS(2, P66, 0x18, RM, ELEMENT, 4, AVX2, AVX512),
    VPBROADCASTD(2, P66, 0x58, RM, ELEMENT, 4, AVX2, AVX512),
    VPBROADCASTD_GPR(2, P66, 0x7C, RM, ELEMENT, 4, null, AVX512),
    VPBROADCASTB(2, P66, 0x78, RM, ELEMENT, 1, AVX2, AVX512),
    VMASKMOVPS(2, P66, 0x2C, RVM, WHOLE, 4, AVX2, null),
    VMASKMOVPS_STORE(2, P66, 0x2E, MR, WHOLE, 4, AVX2, null),
    VEXTRACTF128(3, P66, 0x19, MR, FIXED16, 4, AVX2, AVX512),
    VEXTRACTI128(3, P66, 0x39, MR, FIXED16, 4, AVX2, AVX512),
    VEXTRACTF64X4(3, P66, 0x1B, MR, FIXED32, 8, null, AVX512),
    VINSERTF128(3, P66, 0x18, RVM, FIXED16, 4, AVX2, AVX512),
    VINSERTF64X4(3, P66, 0x1A, RVM, FIXED32, 8, null, AVX512),

    // Arithmetic of float32.
    VADDPS(1, PNONE, 0x58, RVM, WHOLE, 4, AVX2, AVX512),
    VMULPS(1, PNONE, 0x59, RVM, WHOLE, 4, AVX2, AVX512),
    VSUBPS(1, PNONE, 0x5C, RVM, WHOLE, 4, AVX2, AVX512),
    VMINPS(1, PNONE, 0x5D, RVM, WHOLE, 4, AVX2, AVX512),
    VDIVPS(1, PNONE, 0x5E, RVM, WHOLE, 4, AVX2, AVX512),
    VMAXPS(1, PNONE, 0x5F, RVM, WHOLE, 4, AVX2, AVX512),
    VSQRTPS(1, PNONE, 0x51, RM, WHOLE, 4, AVX2, AVX512),
    VANDPS(1, PNONE, 0x54, RVM, WHOLE, 4, AVX2, AVX512),
    VORPS(1, PNONE, 0x56, RVM, WHOLE, 4, AVX2, AVX512),
    VXORPS(1, PNONE, 0x57, RVM, WHOLE, 4, AVX2, AVX512),
    VFMADD213PS(2, P66, 0xA8, RVM, WHOLE, 4, AVX2, AVX512),
    VFMADD231PS(2, P66, 0xB8, RVM, WHOLE, 4, AVX2, AVX512),
    VFNMADD213PS(2, P66, 0xAC, RVM, WHOLE, 4, AVX2, AVX512),
    VFNMADD231PS(2, P66, 0xBC, RVM, WHOLE, 4, AVX2, AVX512),
    VROUNDPS(3, P66, 0x08, RM, WHOLE, 4, AVX2, null),
    VRNDSCALEPS(3, P66, 0x08, RM, WHOLE, 4, null, AVX512),
    VSCALEFPS(2, P66, 0x2C, RVM, WHOLE, 4, null, AVX512),
    VBLENDVPS(3, P66, 0x4A, RVM, WHOLE, 4, AVX2, null),
    VCMPPS_MASK(1, PNONE, 0xC2, RVM, WHOLE, 4, null, AVX512),
    VCMPPS(1, PNONE, 0xC2, RVM, WHOLE, 4, AVX2, null),
    VSHUFPS(1, PNONE, 0xC6, RVM, WHOLE, 4, AVX2, AVX512),
    VSHUFF32X4(3, P66, 0x23, RVM, WHOLE, 4, null, AVX512),

    VADDSS(1, PF3, 0x58, RVM, ELEMENT, 4, AVX2, null),

    // Arithmetic of float64.
    VADDPD(1, P66, 0x58, RVM, WHOLE, 8, AVX2, null),
    VCMPPD(1, P66, 0xC2, RVM, WHOLE, 8, AVX2, null),
    VADDSD(1, PF2, 0x58, RVM, ELEMENT, 8, AVX2, null),

    // Conversions.
    VCVTDQ2PS(1, PNONE, 0x5B, RM, WHOLE, 4, AVX2, AVX512),
    VCVTPS2DQ(1, P66, 0x5B, RM, WHOLE, 4, AVX2, AVX512),
    VCVTPH2PS(2, P66, 0x13, RM, HALF, 2, AVX2, AVX512),
    VCVTPS2PH(3, P66, 0x1D, MR, HALF, 2, AVX2, AVX512),
    VCVTNEPS2BF16(2, PF3, 0x72, RM, WHOLE, 4, null, AVX512_BF16),
    VPMOVSXBD(2, P66, 0x21, RM, QUARTER, 1, AVX2, AVX512),
    VPMOVZXBD(2, P66, 0x31, RM, QUARTER, 1, AVX2, AVX512),
    VPMOVSXBW(2, P66, 0x20, RM, HALF, 1, AVX2, AVX512),
    VPMOVZXBW(2, P66, 0x30, RM, HALF, 1, AVX2, AVX512),
    VPMOVZXWD(2, P66, 0x33, RM, HALF, 2, AVX2, AVX512),
    VPMOVDB_STORE(2, PF3, 0x31, MR, QUARTER, 1, null, AVX512),
    VPMOVSDB_STORE(2, PF3, 0x21, MR, QUARTER, 1, null, AVX512),
    VPMOVUSDB_STORE(2, PF3, 0x11, MR, QUARTER, 1, null, AVX512),
    VPACKSSDW(1, P66, 0x6B, RVM, WHOLE, 4, AVX2, AVX512),
    VPACKUSDW(2, P66, 0x2B, RVM, WHOLE, 4, AVX2, AVX512),
    VPACKSSWB(1, P66, 0x63, RVM, WHOLE, 1, AVX2, AVX512),
    VPACKUSWB(1, P66, 0x67, RVM, WHOLE, 1, AVX2, AVX512),

    // Arithmetic of integers.
    VPCMPGTQ(2, P66, 0x37, RVM, WHOLE, 8, AVX2, null),
    VPADDD(1, P66, 0xFE, RVM, WHOLE, 4, AVX2, AVX512),
    VPADDW(1, P66, 0xFD, RVM, WHOLE, 2, AVX2, AVX512),
    VPADDSW(1, P66, 0xED, RVM, WHOLE, 2, AVX2, AVX512),
    VPADDUSB(1, P66, 0xDC, RVM, WHOLE, 1, AVX2, AVX512),
    VPSUBB(1, P66, 0xF8, RVM, WHOLE, 1, AVX2, AVX512),
    VPSUBD(1, P66, 0xFA, RVM, WHOLE, 4, AVX2, AVX512),
    VPMULLD(2, P66, 0x40, RVM, WHOLE, 4, AVX2, AVX512),
    VPMADDWD(1, P66, 0xF5, RVM, WHOLE, 2, AVX2, AVX512),
    VPMADDUBSW(2, P66, 0x04, RVM, WHOLE, 1, AVX2, AVX512),
    VPMAXUB(1, P66, 0xDE, RVM, WHOLE, 1, AVX2, AVX512),
    VPMAXSB(2, P66, 0x3C, RVM, WHOLE, 1, AVX2, AVX512),
    VPABSB(2, P66, 0x1C, RM, WHOLE, 1, AVX2, AVX512),
    VPSIGNB(2, P66, 0x08, RVM, WHOLE, 1, AVX2, null),
    VPMAXSD(2, P66, 0x3D, RVM, WHOLE, 4, AVX2, AVX512),
    VPMINSD(2, P66, 0x39, RVM, WHOLE, 4, AVX2, AVX512),
    VPMINUD(2, P66, 0x3B, RVM, WHOLE, 4, AVX2, AVX512),
    VPXOR(1, P66, 0xEF, RVM, WHOLE, 4, AVX2, null),
    VPXORD(1, P66, 0xEF, RVM, WHOLE, 4, null, AVX512),
    VPAND(1, P66, 0xDB, RVM, WHOLE, 4, AVX2, null),
    VPANDD(1, P66, 0xDB, RVM, WHOLE, 4, null, AVX512),
    VPOR(1, P66, 0xEB, RVM, WHOLE, 4, AVX2, null),
    VPORD(1, P66, 0xEB, RVM, WHOLE, 4, null, AVX512),
    VPSRLD(1, P66, 0x72, 2, WHOLE, 4, AVX2, AVX512),
    VPSRAD(1, P66, 0x72, 4, WHOLE, 4, AVX2, AVX512),
    VPSLLD(1, P66, 0x72, 6, WHOLE, 4, AVX2, AVX512),
    VPSRLW(1, P66, 0x71, 2, WHOLE, 2, AVX2, AVX512),
    VPSLLW(1, P66, 0x71, 6, WHOLE, 2, AVX2, AVX512),

    // Moves between lanes.
    VPSHUFB(2, P66, 0x00, RVM, WHOLE, 1, AVX2, AVX512),
    VPERMD(2, P66, 0x36, RVM, WHOLE, 4, AVX2, AVX512),
    VPERMPS(2, P66, 0x16, RVM, WHOLE, 4, AVX2, AVX512),
    VPERM2F128(3, P66, 0x06, RVM, WHOLE, 4, AVX2, null),
    VPUNPCKLBW(1, P66, 0x60, RVM, WHOLE, 1, AVX2, AVX512),
    VPUNPCKHBW(1, P66, 0x68, RVM, WHOLE, 1, AVX2, AVX512),
    VPUNPCKLWD(1, P66, 0x61, RVM, WHOLE, 2, AVX2, AVX512),
    VPUNPCKHWD(1, P66, 0x69, RVM, WHOLE, 2, AVX2, AVX512),
    VUNPCKLPS(1, PNONE, 0x14, RVM, WHOLE, 4, AVX2, AVX512),
    VUNPCKHPS(1, PNONE, 0x15, RVM, WHOLE, 4, AVX2, AVX512),

    // Dot products.
    VPDPBUSD(2, P66, 0x50, RVM, WHOLE, 4, null, AVX512_VNNI),
    VPDPBUSD_VEX(2, P66, 0x50, RVM, WHOLE, 4, AVX_VNNI, null),
    VPDPWSSD(2, P66, 0x52, RVM, WHOLE, 4, null, AVX512_VNNI),
    VDPBF16PS(2, PF3, 0x52, RVM, WHOLE, 4, null, AVX512_BF16),

    // Masks.
    KMOVW(1, PNONE, 0x92, RM, WHOLE, 4, AVX512, null),
    KMOVQ(1, PF2, 0x92, RM, WHOLE, 8, AVX512, null),

    // Tiles.
    TILELOADD(2, PF2, 0x4B, RM, WHOLE, 4, AMX_INT8, null),
    TILELOADDT1(2, P66, 0x4B, RM, WHOLE, 4, AMX_INT8, null),
    TILESTORED(2, PF3, 0x4B, MR, WHOLE, 4, AMX_INT8, null),
    TILEZERO(2, PF2, 0x49, RM, WHOLE, 4, AMX_INT8, null),
    LDTILECFG(2, PNONE, 0x49, RM, WHOLE, 4, AMX_INT8, null),
    TDPBUSD(2, P66, 0x5E, RMV, WHOLE, 4, AMX_INT8, null),
    TDPBSSD(2, PF2, 0x5E, RMV, WHOLE, 4, AMX_INT8, null),
    TDPBSUD(2, PF3, 0x5E, RMV, WHOLE, 4, AMX_INT8, null),
    TDPBUUD(2, PNONE, 0x5E, RMV, WHOLE, 4, AMX_INT8, null),
    TDPBF16PS(2, PF3, 0x5C, RMV, WHOLE, 4, AMX_BF16, null);

    /** The fields that hold the operands, in the order in which the assembler takes them. */
    enum Form {
        /** Destination in ModRM.reg, first source in VEX.vvvv, second source in ModRM.rm. */
        RVM,
        /** Destination in ModRM.reg, source in ModRM.rm. */
        RM,
        /** Destination in ModRM.rm, source in ModRM.reg, perhaps a mask vector in VEX.vvvv between them. */
        MR,
        /** Destination in VEX.vvvv, source in ModRM.rm, a part of the opcode in ModRM.reg. */
        VM,
        /** Destination in ModRM.reg, first source in ModRM.rm, second source in VEX.vvvv. */
        RMV
    }

    /** The prefix that VEX and EVEX hold in two bits. The ordinal is their value. */
    enum Prefix {
        PNONE,
        P66,
        PF3,
        PF2
    }

    /** The bytes of memory that an instruction reads or writes. EVEX counts displacements of one byte in this unit. */
    enum Tuple {
        /** As many as the vector. */
        WHOLE,
        /** Half of the vector. */
        HALF,
        /** A quarter of the vector. */
        QUARTER,
        /** An eighth of the vector. */
        EIGHTH,
        /** One element. */
        ELEMENT,
        /** 16 bytes. */
        FIXED16,
        /** 32 bytes. */
        FIXED32
    }

    private final int map;
    private final Prefix prefix;
    private final int opcode;
    private final Form form;
    private final int digit;
    private final Tuple tuple;
    private final int elementBytes;
    private final InstructionSet vex;
    private final InstructionSet evex;

    VectorInstruction(
            int map,
            Prefix prefix,
            int opcode,
            Form form,
            Tuple tuple,
            int elementBytes,
            InstructionSet vex,
            InstructionSet evex) {
        this.map = map;
        this.prefix = prefix;
        this.opcode = opcode;
        this.form = form;
        this.digit = 0;
        this.tuple = tuple;
        this.elementBytes = elementBytes;
        this.vex = vex;
        this.evex = evex;
    }

    VectorInstruction(
            int map,
            Prefix prefix,
            int opcode,
            int digit,
            Tuple tuple,
            int elementBytes,
            InstructionSet vex,
            InstructionSet evex) {
        this.map = map;
        this.prefix = prefix;
        this.opcode = opcode;
        this.form = VM;
        this.digit = digit;
        this.tuple = tuple;
        this.elementBytes = elementBytes;
        this.vex = vex;
        this.evex = evex;
    }

    int map() {
        return map;
    }

    Prefix prefix() {
        return prefix;
    }

    int opcode() {
        return opcode;
    }

    Form form() {
        return form;
    }

    int digit() {
        return digit;
    }

    InstructionSet vex() {
        return vex;
    }

    InstructionSet evex() {
        return evex;
    }

    /** Whether the W bit is set. */
    boolean wide() {
        return this == VEXTRACTF64X4 || this == VINSERTF64X4 || this == KMOVQ;
    }

    /** Whether it moves tiles, which a processor does if it multiplies tiles of any kind of numbers. */
    boolean movesTiles() {
        return switch (this) {
            case TILELOADD, TILELOADDT1, TILESTORED, TILEZERO, LDTILECFG -> true;
            default -> false;
        };
    }

    /** Whether a number of one byte follows the operands. */
    boolean hasNumber() {
        return map == 3 || form == VM || this == VCMPPS || this == VCMPPD || this == VCMPPS_MASK || this == VSHUFPS;
    }

    /** Whether there is an encoding for vectors of this width. */
    boolean takes(int bits) {
        return switch (this) {
            case VPERMD, VPERMPS, VPERM2F128, VSHUFF32X4, VINSERTF128, VEXTRACTF128, VEXTRACTI128 -> bits >= 256;
            case VINSERTF64X4, VEXTRACTF64X4 -> bits == 512;
            case VMOVD, VMOVD_STORE, VMOVQ_STORE, VPINSRD -> bits == 128;
            case VMOVSS, VMOVSS_STORE, VMOVSD, VMOVSD_STORE, VMOVHPS, VADDSS, VADDSD -> bits == 128;
            default -> true;
        };
    }

    /** Whether there is an encoding with this operand in ModRM.rm. */
    boolean takes(Operand rm) {
        if (rm instanceof Address a) {
            return (!a.broadcast() || broadcasts())
                    && switch (this) {
                        // The destination would have half of an unknown width.
                        case VCVTNEPS2BF16 -> false;
                        case VPBROADCASTD_GPR, KMOVW, KMOVQ, TILEZERO -> false;
                        // The index holds the bytes of a row.
                        case TILELOADD, TILELOADDT1, TILESTORED -> a.index() != null;
                        default -> form != RMV;
                    };
        }
        return switch (this) {
            case VMOVD, VMOVD_STORE, VPINSRD, VPBROADCASTD_GPR, KMOVW, KMOVQ, TILEZERO -> rm instanceof Gpr;
            case VMOVSS, VMOVSS_STORE, VMOVSD, VMOVSD_STORE, VMOVHPS -> false;
            case VMASKMOVPS, VMASKMOVPS_STORE, TILELOADD, TILELOADDT1, TILESTORED, LDTILECFG -> false;
            default -> form == RMV ? rm instanceof TileRegister : rm instanceof VectorRegister;
        };
    }

    /** The unit in which EVEX counts displacements of one byte. */
    int unit(Operand rm, int bits) {
        if (rm instanceof Address a && a.broadcast()) {
            return elementBytes;
        }
        int bytes = bits / Byte.SIZE;
        return switch (tuple) {
            case WHOLE -> bytes;
            case HALF -> bytes / 2;
            case QUARTER -> bytes / 4;
            case EIGHTH -> bytes / 8;
            case ELEMENT -> elementBytes;
            case FIXED16 -> 16;
            case FIXED32 -> 32;
        };
    }

    /** Whether one element of memory may stand for a whole vector. */
    private boolean broadcasts() {
        return tuple == WHOLE && elementBytes == Integer.BYTES && form != MR && this != VMOVUPS;
    }
}
