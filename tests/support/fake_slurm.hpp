#pragma once

#include "tests/support/is_installed.hpp"

namespace harpy::testing {

inline bool is_slurm_installed() {
  return is_installed("slurmctld") && is_installed("slurmd") && is_installed("srun");
}

/// Commands of bash that start two nodes of Slurm on this machine in the folder $slurm, without
/// authentication, cgroups or systemd, and end them with the script. If they do not start, the
/// script says "the cluster does not start" and ends.
inline constexpr const char* kFakeSlurm = R"script(
cd "$slurm"
host=$(hostname -s)
export SLURM_CONF=$slurm/slurm.conf
cat >slurm.conf <<END
ClusterName=fake
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/none
CredType=cred/none
SlurmctldPort=$((20000 + $$ % 10000))
SlurmctldPidFile=$slurm/controller.pid
SlurmdPidFile=$slurm/%n.pid
SlurmdSpoolDir=$slurm/%n
StateSaveLocation=$slurm
SlurmctldLogFile=$slurm/controller.log
SlurmdLogFile=$slurm/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
SlurmdParameters=config_overrides
NodeName=fake1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((30000 + $$ % 10000)) CPUs=4
NodeName=fake2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((40000 + $$ % 10000)) CPUs=4
PartitionName=all Nodes=fake[1-2] Default=YES State=UP
END
slurmctld -D -c >controller.out 2>&1 &
slurmd -D -N fake1 >fake1.out 2>&1 &
slurmd -D -N fake2 >fake2.out 2>&1 &
trap 'kill $(jobs -p); wait' EXIT
for round in $(seq 100); do
  [ "$(sinfo -h -o '%D %t' 2>&1)" = "2 idle" ] && break
  sleep 0.1
done
if [ "$(sinfo -h -o '%D %t')" != "2 idle" ]; then
  echo "the cluster does not start: $(tail -n 2 controller.out controller.log fake1.out)"
  exit 0
fi
)script";

}  // namespace harpy::testing
