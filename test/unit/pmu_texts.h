/* SPDX-License-Identifier: BSD-3-Clause */

/* What /proc/cpuinfo of these CPUs begins with, cut to the lines that matter. */

#ifndef PMU_TEXTS_H
#define PMU_TEXTS_H

#define X86(vendor, family, model, name, step, flags)                                              \
	"processor\t: 0\nvendor_id\t: " vendor "\ncpu family\t: " family "\nmodel\t\t: " model     \
	"\nmodel name\t: " name "\nstepping\t: " step "\nmicrocode\t: 0x2b0\ncpu MHz\t\t: "        \
	"2700.000\nphysical id\t: 0\nfpu\t\t: yes\nflags\t\t: fpu vme de " flags                   \
	" sse2\nbugs\t\t: "                                                                        \
	"spectre_v1\n\nprocessor\t: 1\nvendor_id\t: " vendor "\ncpu family\t: 99\nmodel\t\t: 99\n"

#define TEXT_SKX  X86("GenuineIntel", "6", "85", "Intel(R) Xeon(R) Gold 6140", "4", "tsc")
#define TEXT_CLX  X86("GenuineIntel", "6", "85", "Intel(R) Xeon(R) Gold 6248", "7", "tsc")
#define TEXT_ICX  X86("GenuineIntel", "6", "106", "Intel(R) Xeon(R) Gold 6338", "6", "tsc")
#define TEXT_ICXD X86("GenuineIntel", "6", "108", "Intel(R) Xeon(R) D-2700", "1", "tsc")
#define TEXT_SPR  X86("GenuineIntel", "6", "143", "Intel(R) Xeon(R) Platinum 8480+", "8", "tsc")
#define TEXT_EMR  X86("GenuineIntel", "6", "207", "INTEL(R) XEON(R) PLATINUM 8592+", "2", "tsc")
#define TEXT_GNR  X86("GenuineIntel", "6", "173", "Intel(R) Xeon(R) 6980P", "1", "tsc")
#define TEXT_GNRD X86("GenuineIntel", "6", "174", "Intel(R) Xeon(R) 6700 SoC", "1", "tsc")
#define TEXT_ZEN3 X86("AuthenticAMD", "25", "1", "AMD EPYC 7763", "1", "tsc")
#define TEXT_ZEN4 X86("AuthenticAMD", "25", "17", "AMD EPYC 9654", "1", "tsc")
#define TEXT_BERG X86("AuthenticAMD", "25", "160", "AMD EPYC 9754", "2", "tsc")
#define TEXT_ZEN5 X86("AuthenticAMD", "26", "2", "AMD EPYC 9755", "1", "tsc")
#define TEXT_TURD X86("AuthenticAMD", "26", "17", "AMD EPYC 9965", "0", "tsc")
/* No tables for these. */
#define TEXT_ATOM X86("GenuineIntel", "6", "175", "Intel(R) Xeon(R) 6780E", "3", "tsc")
#define TEXT_ZEN2 X86("AuthenticAMD", "23", "49", "AMD EPYC 7742", "0", "tsc")
/* A virtual machine. */
#define TEXT_VM   X86("GenuineIntel", "6", "143", "Intel(R) Xeon(R) Processor", "8", "hypervisor")

#define ARM(implementer, part)                                                                     \
	"processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd atomics\nCPU "                   \
	"implementer\t: " implementer                                                              \
	"\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: " part                             \
	"\nCPU revision\t: 1\n\nprocessor\t: 1\n"

#define TEXT_N1     ARM("0x41", "0xd0c")
#define TEXT_V1     ARM("0x41", "0xd40")
#define TEXT_N2     ARM("0x41", "0xd49")
#define TEXT_V2     ARM("0x41", "0xd4f")
#define TEXT_A72    ARM("0x41", "0xd08")
#define TEXT_AMPERE ARM("0xc0", "0xac3")

#endif /* PMU_TEXTS_H */
